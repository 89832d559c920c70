package app.session.redis.autoconfigure.soak;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;

import app.session.redis.lock.SessionLock;
import app.session.redis.session.StoredSession;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.EventListener;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.events.SessionDeletedEvent;
import org.springframework.session.events.SessionDestroyedEvent;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * A node of the soak test. It appends the events that it publishes to a file, which
 * outlives the node.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import(SoakApplication.Handlers.class)
class SoakApplication {

	/** What a request without a session returns. */
	static final String NONE = "none";

	/** What a log-out returns. */
	static final String OUT = "out";

	public static void main(String[] args) {
		SpringApplication.run(SoakApplication.class, args);
	}

	@Bean
	SecurityFilterChain everybody(HttpSecurity http) {
		return http.csrf(AbstractHttpConfigurer::disable)
			.authorizeHttpRequests((requests) -> requests.anyRequest().permitAll())
			.build();
	}

	@Bean
	Events events(@Value("${soak.events}") Path file) {
		return new Events(file);
	}

	/** Records ended sessions: the kind of the end, the time and the handle. */
	static class Events {

		private final Path file;

		Events(Path file) {
			this.file = file;
		}

		@EventListener
		synchronized void ended(SessionDestroyedEvent event) throws IOException {
			String handle = ((StoredSession) event.getSession()).getHandle();
			String line = ((event instanceof SessionDeletedEvent) ? "deleted " : "expired ")
					+ System.currentTimeMillis() + " " + handle + "\n";
			Files.writeString(this.file, line, StandardCharsets.US_ASCII, StandardOpenOption.CREATE,
					StandardOpenOption.APPEND);
		}

	}

	/** The requests of the visitors. */
	@RestController
	static class Handlers {

		/** Logs in with an id that nobody knew before. */
		@GetMapping("/log-in")
		String logIn(HttpServletRequest request, @RequestParam String user) {
			HttpSession session = request.getSession();
			request.changeSessionId();
			session.setAttribute(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, user);
			session.setAttribute("user", user);
			session.setAttribute("content", "x".repeat(500));
			session.setAttribute("value", 0);
			return user;
		}

		@GetMapping("/write")
		String write(HttpServletRequest request, @RequestParam int value) {
			return use(request, (session) -> session.setAttribute("value", value));
		}

		@GetMapping("/read")
		String read(HttpServletRequest request) {
			return use(request, (session) -> {
			});
		}

		/** Adds one to a counter; two at the same time would lose one without a lock. */
		@SessionLock
		@GetMapping("/count")
		String count(HttpServletRequest request) {
			return use(request, (session) -> {
				Integer count = (Integer) session.getAttribute("count");
				session.setAttribute("count", (count != null) ? count + 1 : 1);
			});
		}

		@GetMapping("/change-id")
		String changeId(HttpServletRequest request) {
			return use(request, (session) -> request.changeSessionId());
		}

		/** Ends the session by a timeout. */
		@GetMapping("/abandon")
		String abandon(HttpServletRequest request, @RequestParam int seconds) {
			return use(request, (session) -> session.setMaxInactiveInterval(seconds));
		}

		@GetMapping("/log-out")
		String logOut(HttpServletRequest request) {
			HttpSession session = request.getSession(false);
			if (session == null) {
				return NONE;
			}
			session.invalidate();
			return OUT;
		}

		private static String use(HttpServletRequest request, Consumer<HttpSession> use) {
			HttpSession session = request.getSession(false);
			if (session == null) {
				return NONE;
			}
			use.accept(session);
			return session.getAttribute("user") + " " + session.getAttribute("value") + " "
					+ session.getAttribute("count");
		}

	}

}
