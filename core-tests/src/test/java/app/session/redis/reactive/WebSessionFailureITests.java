package app.session.redis.reactive;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import app.session.redis.SessionId;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.engine.SessionEngine;
import app.session.redis.settings.LockSettings;
import app.session.redis.settings.OnLockTimeout;
import app.session.redis.settings.SessionSettings;
import app.session.redis.test.Monitor;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import app.session.redis.test.TcpProxy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;

import org.springframework.core.Ordered;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.http.HttpCookie;
import org.springframework.http.HttpStatus;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.http.server.reactive.MockServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import org.springframework.web.server.WebHandler;
import org.springframework.web.server.WebSession;
import org.springframework.web.server.adapter.WebHttpHandlerBuilder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests reactive sessions while Redis doesn't reply or replies late, and with hostile
 * requests.
 */
@Timeout(60)
class WebSessionFailureITests {

	private static final RedisServer server = SharedRedis.standalone();

	private TcpProxy proxy;

	private LettuceConnectionFactory connectionFactory;

	private SessionEngine engine;

	private RedisWebSessionManager manager;

	private RedisSessionWebFilter filter;

	private final List<WebExceptionHandler> handlers = new ArrayList<>();

	private WebExceptionHandler errorPage = (exchange, failure) -> Mono.error(failure);

	@BeforeEach
	void start() {
		server.flushAll();
		this.proxy = TcpProxy.to(server);
		this.connectionFactory = new LettuceConnectionFactory(
				new RedisStandaloneConfiguration(this.proxy.host(), this.proxy.port()));
		this.connectionFactory.afterPropertiesSet();
		this.connectionFactory.start();
		this.engine = ReactiveAtomicRedisSessionRepository.engine(this.connectionFactory,
				SessionSettings.builder()
					.commandTimeout(Duration.ofSeconds(1))
					.recordClient(true)
					.collectorEnabled(false)
					.locks(new LockSettings(Duration.ofSeconds(1), Duration.ofSeconds(30), OnLockTimeout.REJECT, 0))
					.build());
		this.engine.afterPropertiesSet();
		this.engine.start();
		this.manager = new RedisWebSessionManager(this.engine);
		this.filter = new RedisSessionWebFilter(this.manager);
	}

	@AfterEach
	void stop() {
		this.proxy.forward();
		this.engine.stop();
		this.connectionFactory.destroy();
		this.proxy.close();
	}

	private MockServerHttpResponse send(MockServerHttpRequest.BaseBuilder<?> request, WebHandler handler) {
		MockServerHttpResponse response = new MockServerHttpResponse();
		WebHttpHandlerBuilder builder = WebHttpHandlerBuilder.webHandler(handler)
			.sessionManager(this.manager)
			.filter(this.filter);
		this.handlers.forEach(builder::exceptionHandler);
		builder
			.exceptionHandler(new UnavailableSessionHandler(this.manager, Duration.ofSeconds(3),
					UnavailableSessionHandler.DEFAULT_ORDER))
			.exceptionHandler(this.errorPage)
			.exceptionHandler(
					new UnavailableSessionHandler(this.manager, Duration.ofSeconds(3), Ordered.LOWEST_PRECEDENCE))
			.build()
			.handle(request.build(), response)
			.block(Duration.ofSeconds(10));
		return response;
	}

	private static MockServerHttpRequest.BaseBuilder<?> request(String... ids) {
		MockServerHttpRequest.BaseBuilder<?> request = MockServerHttpRequest.get("/");
		for (String id : ids) {
			request.cookie(new HttpCookie("SESSION", id));
		}
		return request;
	}

	private String create() {
		return send(request(), set("user", "alice")).getCookies().getFirst("SESSION").getValue();
	}

	private static WebHandler set(String name, String value) {
		return (exchange) -> exchange.getSession()
			.doOnNext((session) -> session.getAttributes().put(name, value))
			.then();
	}

	private static Mono<Void> write(ServerWebExchange exchange, HttpStatus status) {
		exchange.getResponse().setStatusCode(status);
		DataBuffer body = exchange.getResponse().bufferFactory().wrap("body".getBytes(StandardCharsets.UTF_8));
		return exchange.getResponse().writeWith(Mono.just(body));
	}

	private static void assertUnavailable(MockServerHttpResponse response) {
		assertThat(response.getStatusCode()).isEqualTo(HttpStatus.SERVICE_UNAVAILABLE);
		assertThat(response.getHeaders().getFirst("Retry-After")).isEqualTo("3");
		assertThat(response.getCookies()).isEmpty();
	}

	@Test
	void failedLookup_isAnsweredWith503() {
		String id = create();
		this.proxy.stopForwarding();
		assertUnavailable(send(request(id), set("user", "bob")));
	}

	@Test
	void failedLookup_canBeAnsweredByTheApplication() {
		String id = create();
		this.handlers.add((exchange, failure) -> {
			assertThat(failure).isInstanceOf(SessionStoreUnavailableException.class);
			return write(exchange, HttpStatus.BAD_GATEWAY);
		});
		this.proxy.stopForwarding();
		MockServerHttpResponse response = send(request(id), set("user", "bob"));
		assertThat(response.getStatusCode()).isEqualTo(HttpStatus.BAD_GATEWAY);
		assertThat(response.getCookies()).isEmpty();
	}

	@Test
	void failedSave_isAnsweredWith503_evenIfTheApplicationRespondsToTheFailure() {
		String id = create();
		assertUnavailable(send(request(id), (exchange) -> exchange.getSession().flatMap((session) -> {
			session.getAttributes().put("user", "bob");
			this.proxy.stopForwarding();
			return write(exchange, HttpStatus.OK)
				.onErrorResume((failure) -> write(exchange, HttpStatus.INTERNAL_SERVER_ERROR));
		})));
	}

	@Test
	void headersOfABodyThatIsNotWritten_areRemoved() {
		String id = create();
		this.handlers.add((exchange, failure) -> write(exchange, HttpStatus.BAD_GATEWAY));
		for (boolean single : new boolean[] { true, false }) {
			this.proxy.forward();
			MockServerHttpResponse response = send(request(id),
					(exchange) -> exchange.getSession().flatMap((session) -> {
						session.getAttributes().put("user", "bob");
						this.proxy.stopForwarding();
						exchange.getResponse().getHeaders().setContentLength(1234);
						Mono<DataBuffer> body = Mono
							.fromSupplier(() -> exchange.getResponse().bufferFactory().wrap(new byte[1234]));
						return exchange.getResponse().writeWith(single ? body : body.flux());
					}));
			assertThat(response.getStatusCode()).isEqualTo(HttpStatus.BAD_GATEWAY);
			assertThat(response.getHeaders().getContentLength()).isNotEqualTo(1234);
		}
	}

	@Test
	void failedSaveOfAResponseWithoutBody_isAnsweredWith503() {
		String id = create();
		assertUnavailable(send(request(id), (exchange) -> exchange.getSession().doOnNext((session) -> {
			session.getAttributes().put("user", "bob");
			this.proxy.stopForwarding();
		}).then()));
	}

	@Test
	void errorPageThatUsesTheSession_isAnsweredWith503() {
		String id = create();
		this.errorPage = (exchange, failure) -> exchange.getSession()
			.flatMap((session) -> write(exchange, HttpStatus.INTERNAL_SERVER_ERROR));
		this.proxy.stopForwarding();
		assertUnavailable(send(request(id), (exchange) -> Mono.error(new UnsupportedOperationException("on purpose"))));
	}

	@Test
	void failureOfTheHandler_isNotReplacedByThatOfAValue() {
		AtomicReference<Throwable> failure = new AtomicReference<>();
		this.handlers.add((exchange, thrown) -> {
			failure.set(thrown);
			return write(exchange, HttpStatus.NOT_FOUND);
		});
		MockServerHttpResponse response = send(request(create()),
				(exchange) -> exchange.getSession().flatMap((session) -> {
					session.getAttributes().put("unstorable", new Object());
					return Mono.error(new UnsupportedOperationException("on purpose"));
				}));
		assertThat(failure.get()).isInstanceOf(UnsupportedOperationException.class);
		assertThat(response.getStatusCode()).isEqualTo(HttpStatus.NOT_FOUND);
	}

	@Test
	void sessionThatIsInvalidatedWhileItIsCreated_isDeleted() {
		this.proxy.delay(Duration.ofMillis(100));
		send(request(), (exchange) -> exchange.getSession().flatMap((session) -> {
			session.getAttributes().put("user", "alice");
			return session.save().timeout(Duration.ofMillis(20)).onErrorResume((late) -> session.invalidate());
		}));
		this.proxy.delay(Duration.ZERO);
		await().untilAsserted(() -> assertThat(server.keys()).noneMatch((key) -> key.contains(":session:{")));
	}

	@Test
	void invalidationThatFails_canBeRepeated() {
		String id = create();
		AtomicInteger failures = new AtomicInteger();
		send(request(id), (exchange) -> exchange.getSession().flatMap((session) -> {
			this.proxy.stopForwarding();
			return session.invalidate()
				.onErrorResume((first) -> Mono.fromRunnable(failures::incrementAndGet))
				.then(Mono.defer(session::invalidate))
				.onErrorResume((second) -> Mono.fromRunnable(failures::incrementAndGet));
		}));
		assertThat(failures).as("failed log-outs").hasValue(2);
	}

	@Test
	void manyCookies_areLookedUpInOneRoundTrip() {
		String id = create();
		this.filter.setLockPolicy((exchange) -> Mono.just(true));
		String[] ids = new String[100];
		for (int i = 0; i < ids.length; i++) {
			ids[i] = SessionId.newHandle() + SessionId.newSecret(32);
		}
		ids[2] = id;
		try (Monitor monitor = Monitor.of(server)) {
			send(request(ids),
					(exchange) -> exchange.getSession()
						.doOnNext((session) -> assertThat(session.<String>getAttribute("user")).isEqualTo("alice"))
						.then());
			assertThat(monitor.commands()).hasSizeLessThan(12);
		}
	}

	@Test
	void addressFromAForwardedHeader_isRecorded() {
		String id = send(
				MockServerHttpRequest.get("/").remoteAddress(InetSocketAddress.createUnresolved("192.0.2.7", 1)),
				set("user", "alice"))
			.getCookies()
			.getFirst("SESSION")
			.getValue();
		assertThat(server.commands().hvals("app:session:session:{" + id.substring(0, SessionId.HANDLE_LENGTH) + "}"))
			.anyMatch((value) -> value.contains("192.0.2.7"));
	}

	@Test
	void longRequest_keepsASessionThatOthersUse() {
		String id = create();
		send(request(id),
				(exchange) -> exchange.getSession()
					.doOnNext((session) -> session.setMaxIdleTime(Duration.ofMillis(400)))
					.then());
		MockServerHttpResponse response = send(request(id),
				(exchange) -> exchange.getSession()
					.delayElement(Duration.ofMillis(250))
					.doOnNext((session) -> touch(id))
					.delayElement(Duration.ofMillis(250))
					.doOnNext((session) -> session.getAttributes().put("late", "kept"))
					.then());
		assertThat(response.getCookies()).as("the cookie of a living session").isEmpty();
		AtomicReference<String> late = new AtomicReference<>();
		send(request(id),
				(exchange) -> exchange.getSession()
					.doOnNext((session) -> late.set(session.getAttribute("late")))
					.then());
		assertThat(late).hasValue("kept");
	}

	/** An access to a session by another request. */
	private static void touch(String id) {
		server.commands()
			.pexpire("app:session:session:{" + id.substring(0, SessionId.HANDLE_LENGTH) + "}",
					Duration.ofMinutes(5).plusMillis(400).toMillis());
	}

	@Test
	void idOfACommittedResponse_canNotBeChanged() {
		String id = create();
		AtomicReference<Throwable> failure = new AtomicReference<>();
		send(request(id),
				(exchange) -> exchange.getSession()
					.flatMap((session) -> write(exchange, HttpStatus.OK).then(Mono.defer(session::changeSessionId))
						.onErrorResume((thrown) -> Mono.fromRunnable(() -> failure.set(thrown)))));
		assertThat(failure.get()).isInstanceOf(IllegalStateException.class).hasMessageContaining("committed");
		AtomicReference<Boolean> started = new AtomicReference<>();
		send(request(id), (exchange) -> exchange.getSession().map(WebSession::isStarted).doOnNext(started::set).then());
		assertThat(started).hasValue(true);
	}

}
