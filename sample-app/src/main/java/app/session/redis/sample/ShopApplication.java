package app.session.redis.sample;

import java.time.Clock;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/**
 * A small shop whose HTTP sessions are kept in Redis. Nothing in its code is about Redis:
 * the cart is an attribute of the session, the log-in is Spring Security's.
 */
@SpringBootApplication
public class ShopApplication {

	@Bean
	Clock clock() {
		return Clock.systemUTC();
	}

	/**
	 * Starts the shop.
	 * @param args Spring Boot's arguments, such as {@code --server.port=8081}
	 */
	public static void main(String[] args) {
		SpringApplication.run(ShopApplication.class, args);
	}

}
