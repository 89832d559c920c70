package app.session.redis.sample;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests the shop that is started as the README says, in a new checkout.
 */
class FirstStartITests extends ShopProcesses {

	@Test
	void logInAndCartOutliveTheInstanceAndAreServedByEveryOther(@TempDir Path checkoutFolder) throws IOException {
		Checkout checkout = Checkout.copyTo(checkoutFolder.resolve("checkout"));
		ShopProcess first = stopLater(
				ShopProcess.startAsReadmeSays(checkout, folder(), "--server.port=0", sameRedis()));
		Browser laptop = new Browser(FIREFOX);
		laptop.submit(first, "/cart/add", Map.of("product", "mug"));
		laptop.logIn(first, ALICE);
		laptop.submit(first, "/cart/add", Map.of("product", "mug"));
		laptop.submit(first, "/cart/add", Map.of("product", "lamp"));
		assertThat(laptop.open(first, "/cart")).contains(">alice<", ">€ 78.00<");

		ShopProcess second = start(0);
		assertThat(first.log()).contains("Started an embedded Redis at localhost:" + redisPort());
		assertThat(second.log()).contains("Sharing the embedded Redis at localhost:" + redisPort());
		assertThat(laptop.open(second, "/cart")).contains(">alice<", ">€ 78.00<", ">" + second.port() + "<");
		laptop.submit(second, "/cart/change", Map.of("product", "mug", "quantity", "3"));

		first.kill();
		assertThat(redisAnswers()).isTrue();
		first = start(first.port());
		assertThat(laptop.open(first, "/cart")).contains(">alice<", ">€ 92.50<", ">" + first.port() + "<");

		Browser phone = new Browser(SAFARI);
		phone.logIn(second, ALICE);
		assertThat(phone.open(second, "/devices")).contains("<h1>Your devices</h1>");
		laptop.submit(first, "/devices/sign-out-others", Map.of());
		assertThat(phone.open(second, "/devices")).contains(SIGN_IN_PAGE);
		assertThat(laptop.open(second, "/devices")).contains("Firefox on Linux").doesNotContain("Safari on iPhone");

		assertThat(laptop.submit(second, "/logout", Map.of())).contains("You have signed out");
		assertThat(laptop.open(first, "/devices")).contains(SIGN_IN_PAGE);
		assertThat(laptop.open(first, "/cart")).contains("empty");
	}

}
