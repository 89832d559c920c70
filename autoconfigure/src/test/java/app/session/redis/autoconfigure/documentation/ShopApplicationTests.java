package app.session.redis.autoconfigure.documentation;

import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.SpringBootTest;

/** The test of a page, as it is there. */
@SpringBootTest(properties = "app.session.redis.enabled=false")
class ShopApplicationTests {

	@Test
	void contextLoads() {
	}

}
