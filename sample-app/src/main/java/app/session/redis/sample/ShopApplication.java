package app.session.redis.sample;

import java.time.Clock;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/**
 * A small shop whose HTTP sessions are kept in Redis. Its code doesn't refer to Redis:
 * the cart is a session attribute, and Spring Security handles the login.
 */
@SpringBootApplication
public class ShopApplication {

	@Bean
	Clock clock() {
		return Clock.systemUTC();
	}

	/**
	 * Starts the shop.
	 * @param args arguments for Spring Boot, such as {@code --server.port=8081}
	 */
	public static void main(String[] args) {
		SpringApplication.run(ShopApplication.class, args);
	}

}
