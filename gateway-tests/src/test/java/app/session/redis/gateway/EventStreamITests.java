package app.session.redis.gateway;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicIntegerArray;

import app.session.redis.reactive.ReactiveAtomicRedisSessionRepository;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.ConnectionProvider;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.cloud.gateway.route.builder.RouteLocatorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.core.Ordered;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.security.core.userdetails.User;
import org.springframework.session.events.SessionExpiredEvent;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests streams of events through the gateway whose sessions expire while the streams are
 * open.
 */
class EventStreamITests {

	private static final int STREAMS = 1_000;

	private static final Duration PATIENCE = Duration.ofMinutes(1);

	private final RedisServer redis = SharedRedis.standalone();

	private final WebClient client = WebClient.builder()
		.clientConnector(
				new ReactorClientHttpConnector(HttpClient.create(ConnectionProvider.create("streams", STREAMS))))
		.build();

	private final Sinks.Empty<Void> end = Sinks.empty();

	private DisposableServer upstream;

	private Gateway gateway;

	@BeforeEach
	void start() {
		this.redis.flushAll();
		this.upstream = HttpServer.create().port(0).route((routes) -> routes.get("/events", (request, response) -> {
			Flux<String> events = Flux.interval(Duration.ZERO, Duration.ofMillis(500))
				.map((number) -> "data:" + number + "\n\n")
				.takeUntilOther(this.end.asMono());
			return response.sse().sendString(events);
		})).bindNow();
		this.gateway = Gateway.start(this.redis.host(), this.redis.port(), List.of(EventStreams.class),
				"test.upstream=http://localhost:" + this.upstream.port());
	}

	@AfterEach
	void stop() {
		this.end.tryEmitEmpty();
		this.gateway.close();
		this.upstream.disposeNow();
	}

	/** Creates the sessions of users who are logged in, and returns their ids. */
	private List<String> logIn(Duration timeout) {
		ReactiveAtomicRedisSessionRepository repository = this.gateway.bean(ReactiveAtomicRedisSessionRepository.class);
		return Flux.range(0, STREAMS).flatMap((number) -> repository.createSession().flatMap((session) -> {
			User user = new User("user-" + number, "", AuthorityUtils.NO_AUTHORITIES);
			session.setAttribute("SPRING_SECURITY_CONTEXT", new SecurityContextImpl(
					UsernamePasswordAuthenticationToken.authenticated(user, null, user.getAuthorities())));
			session.setMaxInactiveInterval(timeout);
			return repository.save(session).then(Mono.fromSupplier(session::getId));
		})).collectList().block(PATIENCE);
	}

	/** Opens a stream, and returns its end. */
	private Mono<Void> open(String session, Runnable onEvent) {
		return this.client.get()
			.uri(this.gateway.url("/gateway/events"))
			.cookie("SESSION", session)
			.retrieve()
			.bodyToFlux(String.class)
			.doOnNext((event) -> onEvent.run())
			.then();
	}

	@Test
	void sessionsThatExpire_neitherEndTheStreamsNorComeBack() {
		EventStreams streams = this.gateway.bean(EventStreams.class);
		List<String> sessions = logIn(Duration.ofSeconds(10));
		assertThat(storedSessions()).hasSize(STREAMS);
		AtomicIntegerArray events = new AtomicIntegerArray(STREAMS);
		List<CompletableFuture<Void>> ends = new ArrayList<>();
		for (int i = 0; i < STREAMS; i++) {
			int number = i;
			ends.add(open(sessions.get(i), () -> events.incrementAndGet(number)).toFuture());
		}
		awaitEvents(events, new AtomicIntegerArray(STREAMS));
		Awaitility.await().atMost(PATIENCE).until(() -> streams.expired.size() >= STREAMS);
		assertThat(streams.expired).doesNotHaveDuplicates().hasSize(STREAMS);
		Awaitility.await().untilAsserted(() -> assertThat(storedSessions()).isEmpty());

		AtomicIntegerArray before = new AtomicIntegerArray(STREAMS);
		for (int i = 0; i < STREAMS; i++) {
			before.set(i, events.get(i));
		}
		awaitEvents(events, before);
		assertThat(ends).noneMatch(CompletableFuture::isDone);

		this.end.tryEmitEmpty();
		assertThat(ends).allSatisfy((response) -> assertThat(response).succeedsWithin(PATIENCE));
		assertThat(streams.expired).hasSize(STREAMS);
		assertThat(storedSessions()).isEmpty();
	}

	private List<String> storedSessions() {
		return this.redis.keys().stream().filter((key) -> key.startsWith("shop:session:")).toList();
	}

	/** Waits until each stream has received another event. */
	private static void awaitEvents(AtomicIntegerArray events, AtomicIntegerArray before) {
		Awaitility.await().atMost(PATIENCE).until(() -> {
			for (int i = 0; i < STREAMS; i++) {
				if (events.get(i) <= before.get(i)) {
					return false;
				}
			}
			return true;
		});
	}

	/** A route to the stream, for users who are logged in. */
	@Configuration(proxyBeanMethods = false)
	static class EventStreams {

		final Queue<String> expired = new ConcurrentLinkedQueue<>();

		@Bean
		RouteLocator events(RouteLocatorBuilder builder, @Value("${test.upstream}") String upstream) {
			return builder.routes()
				.route("events",
						(route) -> route.order(Ordered.HIGHEST_PRECEDENCE)
							.path("/gateway/events")
							.filters((filters) -> filters.stripPrefix(1))
							.uri(upstream))
				.build();
		}

		@EventListener
		void on(SessionExpiredEvent event) {
			this.expired.add(event.getSessionId());
		}

	}

}
