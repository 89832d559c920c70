package app.session.redis.browser;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import app.session.redis.test.RedisServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The Sessions view of Spring Boot Admin, which asks Spring Boot's own endpoint
 * {@code sessions} of the shop.
 */
@RequiresChromium
class SpringBootAdminBrowserTests {

	private final List<AutoCloseable> started = new ArrayList<>();

	private Shop shop;

	private Chromium chromium;

	@BeforeEach
	void start() {
		RedisServer redis = started(RedisServer.start());
		this.shop = started(Shop.start(redis));
		AdminServer admin = started(new AdminServer());
		String instance = admin.register(this.shop);
		this.chromium = started(new Chromium());
		this.chromium.open(admin.url("/instances/" + instance + "/details"));
	}

	private <T extends AutoCloseable> T started(T closeable) {
		this.started.add(0, closeable);
		return closeable;
	}

	@AfterEach
	void close() throws Exception {
		for (AutoCloseable closeable : this.started) {
			closeable.close();
		}
	}

	@Test
	void sessionsView_showsAUsersSessionsByTheirHandles_andEndsOne() throws IOException {
		Visitor laptop = new Visitor(this.shop, Visitor.LAPTOP).logIn("alice", "wonderland").addToCart("mug");
		Visitor phone = new Visitor(this.shop, Visitor.PHONE).logIn("alice", "wonderland");
		Visitor bob = new Visitor(this.shop, Visitor.LAPTOP).logIn("bob", "builder");

		this.chromium.click("a[href$='/sessions']");
		this.chromium.awaitThat(() -> this.chromium.type("input[name=filter]", "alice"));
		this.chromium.awaitThat(() -> assertThat(handles()).containsExactlyInAnyOrder(laptop.handle(), phone.handle()));
		assertThat(this.chromium.text("table.sessions")).contains("1800s", "cart", "device");
		this.chromium.resize(1280, 680);
		this.chromium.screenshot("spring-boot-admin.png");

		this.chromium.awaitThat(() -> delete(phone));
		this.chromium.awaitThat(() -> assertThat(handles()).containsExactly(laptop.handle()));
		assertThat(phone.isLoggedIn()).isFalse();
		assertThat(laptop.isLoggedIn()).isTrue();
		assertThat(bob.isLoggedIn()).isTrue();

		this.chromium.click("select option[value=sessionId]");
		this.chromium.type("input[name=filter]", bob.handle());
		this.chromium.awaitThat(() -> assertThat(handles()).containsExactly(bob.handle()));

		List<String> answers = this.chromium.answers();
		assertThat(answers)
			.anySatisfy((answer) -> assertThat(answer).contains("username", phone.handle(), "creationTime"));
		for (Visitor visitor : List.of(laptop, phone, bob)) {
			assertThat(answers).allSatisfy((answer) -> assertThat(answer).doesNotContain(visitor.secrets()));
			assertThat((String) this.chromium.run("return document.documentElement.outerHTML"))
				.doesNotContain(visitor.secrets());
		}
	}

	private List<String> handles() {
		return this.chromium.findAll("table.sessions tr td:first-child a")
			.stream()
			.map((link) -> link.getText())
			.toList();
	}

	private void delete(Visitor visitor) {
		this.chromium.findAll("table.sessions tr")
			.stream()
			.filter((row) -> row.getText().contains(visitor.handle()))
			.findFirst()
			.orElseThrow()
			.findElement(By.cssSelector("button"))
			.click();
	}

}
