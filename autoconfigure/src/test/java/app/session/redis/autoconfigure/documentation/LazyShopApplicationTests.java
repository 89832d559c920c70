package app.session.redis.autoconfigure.documentation;

import app.session.redis.servlet.AtomicRedisSessionRepository;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.context.TestPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/** The annotation of a page. */
@SpringBootTest(properties = "app.session.redis.startup=lazy")
@TestPropertySource(
		properties = { "app.session.redis.host=nowhere.invalid", "app.session.redis.collector.enabled=false" })
class LazyShopApplicationTests {

	@Test
	void repositoryIsThere(@Autowired AtomicRedisSessionRepository repository) {
		assertThat(repository.createSession().getId()).isNotEmpty();
	}

}
