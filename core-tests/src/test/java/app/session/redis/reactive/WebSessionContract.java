package app.session.redis.reactive;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpCookie;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseCookie;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.http.server.reactive.MockServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebHandler;
import org.springframework.web.server.WebSession;
import org.springframework.web.server.adapter.WebHttpHandlerBuilder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * The behaviour of the sessions of reactive applications. Spring's own sessions in memory
 * define it; the stored ones must behave in the same way.
 */
abstract class WebSessionContract {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	/** Adds the session manager, and what belongs to it, to a handler. */
	abstract WebHttpHandlerBuilder with(WebHttpHandlerBuilder builder);

	/** Sends a request of a client, which keeps the cookie. */
	final class Client {

		@Nullable String cookie;

		/** The cookie in the last response; null if it had none. */
		@Nullable ResponseCookie received;

		MockServerHttpResponse response;

		<T> @Nullable T request(Function<ServerWebExchange, Mono<T>> handler) {
			AtomicReference<@Nullable T> result = new AtomicReference<>();
			send((exchange) -> handler.apply(exchange).doOnNext(result::set).then());
			return result.get();
		}

		void send(WebHandler handler) {
			exchange(handler).block(TIMEOUT);
		}

		/** Sends a request when it is subscribed to. */
		Mono<Void> exchange(WebHandler handler) {
			return Mono.defer(() -> begin(handler)).doOnSuccess((done) -> received());
		}

		private Mono<Void> begin(WebHandler handler) {
			HttpHandler http = with(WebHttpHandlerBuilder.webHandler(handler)).build();
			MockServerHttpRequest.BaseBuilder<?> request = MockServerHttpRequest.get("/");
			if (this.cookie != null) {
				request.cookie(new HttpCookie("SESSION", this.cookie));
			}
			this.response = new MockServerHttpResponse();
			return http.handle(request.build(), this.response);
		}

		private void received() {
			this.received = this.response.getCookies().getFirst("SESSION");
			if (this.received != null) {
				this.cookie = this.received.getMaxAge().isZero() ? null : this.received.getValue();
			}
		}

		<T> @Nullable T inSession(Function<WebSession, T> use) {
			return request((exchange) -> exchange.getSession().mapNotNull(use));
		}

		void set(String name, Object value) {
			inSession((session) -> session.getAttributes().put(name, value));
		}

		@Nullable Object get(String name) {
			return inSession((session) -> session.getAttribute(name));
		}

	}

	private static DataBuffer buffer(String text) {
		return DefaultDataBufferFactory.sharedInstance.wrap(text.getBytes(StandardCharsets.UTF_8));
	}

	@Test
	void sessionThatIsNotUsed_isNotStarted_andSetsNoCookie() {
		Client client = new Client();
		assertThat(client.inSession(WebSession::isStarted)).isFalse();
		assertThat(client.received).isNull();
	}

	@Test
	void attribute_startsTheSession_andTheNextRequestSeesIt() {
		Client client = new Client();
		assertThat(client.<Boolean>inSession((session) -> {
			session.getAttributes().put("user", "alice");
			return session.isStarted();
		})).isTrue();
		assertThat(client.received).isNotNull();
		assertThat(client.get("user")).isEqualTo("alice");
		assertThat(client.received).isNull();
	}

	@Test
	void startedSessionWithoutAttributes_isStored() {
		Client client = new Client();
		String id = client.inSession((session) -> {
			session.start();
			return session.getId();
		});
		assertThat(client.cookie).isEqualTo(id);
		assertThat(client.inSession(WebSession::getId)).isEqualTo(id);
		assertThat(client.inSession(WebSession::isStarted)).isTrue();
	}

	@Test
	void unknownCookie_isExpired() {
		Client client = new Client();
		client.cookie = "unknown";
		assertThat(client.inSession(WebSession::isStarted)).isFalse();
		assertThat(client.received).isNotNull();
		assertThat(client.received.getMaxAge()).isZero();
	}

	@Test
	void requestThatDoesNotUseTheSession_setsNoCookie() {
		Client client = new Client();
		client.cookie = "unknown";
		client.send((exchange) -> Mono.empty());
		assertThat(client.received).isNull();
	}

	@Test
	void sessionOfAnExchange_isTheSameForEveryCaller() {
		new Client().request((exchange) -> exchange.getSession()
			.zipWith(exchange.getSession())
			.doOnNext((both) -> assertThat(both.getT1()).isSameAs(both.getT2())));
	}

	@Test
	void repeatedSaves_writeTheChangesBetweenThem() {
		Client client = new Client();
		client.request((exchange) -> exchange.getSession().flatMap((session) -> {
			session.getAttributes().put("a", 1);
			return session.save().then(session.save()).then(Mono.defer(() -> {
				session.getAttributes().put("b", 2);
				return session.save();
			}));
		}));
		assertThat(client.get("a")).isEqualTo(1);
		assertThat(client.get("b")).isEqualTo(2);
	}

	@Test
	void saveOfASessionThatIsNotStarted_hasNoEffect() {
		Client client = new Client();
		client.request((exchange) -> exchange.getSession().flatMap(WebSession::save));
		assertThat(client.received).isNull();
	}

	@Test
	void changedId_isSent_andTheOldOneOpensNothing() {
		Client client = new Client();
		client.set("user", "alice");
		String before = client.cookie;
		String after = client.request((exchange) -> exchange.getSession()
			.flatMap((session) -> session.changeSessionId().then(Mono.fromSupplier(session::getId))));
		assertThat(after).isNotEqualTo(before);
		assertThat(client.cookie).isEqualTo(after);
		assertThat(client.get("user")).isEqualTo("alice");
		Client thief = new Client();
		thief.cookie = before;
		assertThat(thief.get("user")).isNull();
	}

	@Test
	void idOfANewSession_canBeChanged() {
		Client client = new Client();
		client.request((exchange) -> exchange.getSession().flatMap((session) -> {
			session.getAttributes().put("user", "alice");
			return session.changeSessionId();
		}));
		assertThat(client.get("user")).isEqualTo("alice");
	}

	@Test
	void invalidatedSession_isGone_andItsCookieExpired() {
		Client client = new Client();
		client.set("user", "alice");
		String cookie = client.cookie;
		client.request((exchange) -> exchange.getSession()
			.flatMap((session) -> session.invalidate().then(Mono.fromRunnable(() -> {
				assertThat(session.isExpired()).isTrue();
				assertThat(session.isStarted()).isFalse();
				assertThat(session.getAttributes()).isEmpty();
			}))));
		assertThat(client.cookie).isNull();
		client.cookie = cookie;
		assertThat(client.get("user")).isNull();
	}

	@Test
	void invalidatedTwice_isInvalidatedOnce() {
		Client client = new Client();
		client.set("user", "alice");
		client.request((exchange) -> exchange.getSession()
			.flatMap((session) -> session.invalidate().then(session.invalidate())));
		assertThat(client.cookie).isNull();
	}

	@Test
	void attributeAfterInvalidate_canNotBeSaved() {
		Client client = new Client();
		client.set("user", "alice");
		String result = client.request(
				(exchange) -> exchange.getSession().flatMap((session) -> session.invalidate().then(Mono.defer(() -> {
					session.getAttributes().put("late", "value");
					return session.save();
				})).thenReturn("saved").onErrorResume(IllegalStateException.class, (failure) -> Mono.just("refused"))));
		assertThat(result).isEqualTo("refused");
	}

	@Test
	void idCanBeChangedAfterInvalidate_withoutEffect() {
		Client client = new Client();
		client.set("user", "alice");
		client.request((exchange) -> exchange.getSession()
			.flatMap((session) -> session.invalidate().then(Mono.defer(session::changeSessionId))));
		assertThat(client.cookie).isNull();
	}

	@Test
	void attributeAfterInvalidate_isNotStored() {
		Client client = new Client();
		client.set("user", "alice");
		String cookie = client.cookie;
		client.request((exchange) -> exchange.getSession()
			.flatMap((session) -> session.invalidate()
				.then(Mono.fromRunnable(() -> session.getAttributes().put("late", "value")))));
		client.cookie = cookie;
		assertThat(client.get("late")).isNull();
	}

	@Test
	void newSessionThatIsInvalidated_isNotStored() {
		Client client = new Client();
		client.request((exchange) -> exchange.getSession().flatMap((session) -> {
			session.getAttributes().put("user", "alice");
			return session.invalidate();
		}));
		assertThat(client.received).isNull();
	}

	@Test
	void idleTime_isKept_andANegativeOneNeverEnds() {
		Client client = new Client();
		client.inSession((session) -> {
			session.start();
			session.setMaxIdleTime(Duration.ofMinutes(7));
			return null;
		});
		assertThat(client.inSession(WebSession::getMaxIdleTime)).isEqualTo(Duration.ofMinutes(7));
		client.inSession((session) -> {
			session.setMaxIdleTime(Duration.ofSeconds(-1));
			return null;
		});
		assertThat(client.<Boolean>inSession((session) -> session.getMaxIdleTime().isNegative())).isTrue();
		assertThat(client.inSession(WebSession::isExpired)).isFalse();
	}

	@Test
	void idleSession_expires() {
		Client client = new Client();
		client.inSession((session) -> {
			session.getAttributes().put("user", "alice");
			session.setMaxIdleTime(Duration.ofMillis(200));
			return null;
		});
		// Each access extends the session, so that the interval has to be longer
		await().pollInterval(Duration.ofMillis(400)).untilAsserted(() -> assertThat(client.get("user")).isNull());
		assertThat(client.cookie).isNull();
	}

	@Test
	void idleTimeOfZero_endsTheSession() {
		Client client = new Client();
		client.inSession((session) -> {
			session.getAttributes().put("user", "alice");
			session.setMaxIdleTime(Duration.ZERO);
			return null;
		});
		await().untilAsserted(() -> assertThat(client.get("user")).isNull());
	}

	@Test
	void times_areThoseOfTheSession() {
		Client client = new Client();
		client.set("user", "alice");
		var created = client.inSession(WebSession::getCreationTime);
		var accessed = client.inSession(WebSession::getLastAccessTime);
		assertThat(accessed).isAfterOrEqualTo(created);
		assertThat(client.inSession(WebSession::getLastAccessTime)).isAfterOrEqualTo(accessed);
	}

	@Test
	void attributes_areALiveMap() {
		Client client = new Client();
		client.inSession((session) -> {
			Map<String, Object> attributes = session.getAttributes();
			attributes.putAll(Map.of("a", 1, "b", 2, "c", 3, "d", 4));
			assertThat(attributes).hasSize(4).containsEntry("a", 1).doesNotContainKey("x");
			assertThat(attributes.remove("a")).isEqualTo(1);
			assertThat(attributes.keySet()).containsExactlyInAnyOrder("b", "c", "d").contains("b");
			assertThat(attributes.keySet().remove("b")).isTrue();
			attributes.keySet().removeIf("x"::equals);
			assertThat(attributes.values().remove(3)).isTrue();
			attributes.entrySet().forEach((entry) -> entry.setValue(5));
			assertThat(attributes.putIfAbsent("d", 6)).isEqualTo(5);
			assertThat(attributes.computeIfAbsent("e", (name) -> 7)).isEqualTo(7);
			assertThat(attributes.merge("e", 1, (before, value) -> (int) before + (int) value)).isEqualTo(8);
			assertThat(attributes.replace("e", 9)).isEqualTo(8);
			assertThat(attributes.getOrDefault("x", 0)).isEqualTo(0);
			assertThat(new HashMap<>(attributes)).isEqualTo(Map.of("d", 5, "e", 9)).isEqualTo(attributes);
			return null;
		});
		assertThat(client.<Map<String, Object>>inSession((session) -> new HashMap<>(session.getAttributes())))
			.isEqualTo(Map.of("d", 5, "e", 9));
		client.inSession((session) -> {
			session.getAttributes().clear();
			return null;
		});
		assertThat(client.<Boolean>inSession((session) -> session.getAttributes().isEmpty())).isTrue();
	}

	@Test
	void attributes_canBeRemovedWhileTheyAreIterated() {
		Client client = new Client();
		client.inSession((session) -> {
			session.getAttributes().putAll(Map.of("a", 1, "b", 2, "c", 3));
			List<String> seen = new ArrayList<>();
			Iterator<Entry<String, Object>> entries = session.getAttributes().entrySet().iterator();
			while (entries.hasNext()) {
				Entry<String, Object> entry = entries.next();
				seen.add(entry.getKey());
				entries.remove();
			}
			assertThat(seen).containsExactlyInAnyOrder("a", "b", "c");
			assertThat(session.getAttributes()).isEmpty();
			return null;
		});
	}

	@Test
	void nullIsNoAttribute() {
		new Client().inSession((session) -> {
			assertThatExceptionOfType(NullPointerException.class)
				.isThrownBy(() -> session.getAttributes().put("a", null));
			return null;
		});
	}

	@Test
	void attributeThatIsSetWhileAStreamIsWritten_isStored() {
		Client client = new Client();
		client.set("first", 1);
		client.send((exchange) -> exchange.getSession()
			.flatMap((session) -> exchange.getResponse()
				.writeAndFlushWith(Flux.range(1, 3).map((number) -> Flux.just(buffer("x")).doOnNext((buffer) -> {
					if (number == 3) {
						session.getAttributes().put("late", number);
					}
				})))));
		assertThat(client.get("late")).isEqualTo(3);
	}

	@Test
	void changesBeforeACancellation_areStored() throws InterruptedException {
		Client client = new Client();
		client.set("user", "alice");
		CountDownLatch changed = new CountDownLatch(1);
		Disposable exchange = client.exchange((cancelled) -> cancelled.getSession().doOnNext((session) -> {
			session.getAttributes().put("user", "bob");
			changed.countDown();
		}).then(Mono.never())).subscribe();
		assertThat(changed.await(10, TimeUnit.SECONDS)).isTrue();
		exchange.dispose();
		await().untilAsserted(() -> assertThat(client.get("user")).isEqualTo("bob"));
	}

	@Test
	void changesBeforeAnError_areStored() {
		Client client = new Client();
		client.request((exchange) -> exchange.getSession().flatMap((session) -> {
			session.getAttributes().put("user", "alice");
			return Mono.error(new UnsupportedOperationException("on purpose"));
		}));
		assertThat(client.response.getStatusCode()).isEqualTo(HttpStatus.INTERNAL_SERVER_ERROR);
		assertThat(client.get("user")).isEqualTo("alice");
	}

	@Test
	void twoCookies_theOneWithASessionIsUsed() {
		Client client = new Client();
		client.set("user", "alice");
		AtomicReference<@Nullable String> user = new AtomicReference<>();
		HttpHandler http = with(WebHttpHandlerBuilder.webHandler((exchange) -> exchange.getSession()
			.doOnNext((session) -> user.set(session.getAttribute("user")))
			.then())).build();
		http.handle(MockServerHttpRequest.get("/")
			.cookie(new HttpCookie("SESSION", "unknown"), new HttpCookie("SESSION", client.cookie))
			.build(), new MockServerHttpResponse()).block(TIMEOUT);
		assertThat(user).hasValue("alice");
	}

	@Test
	void deletedSession_isNotRevivedByARequestThatIsRunning() {
		Client client = new Client();
		client.set("user", "alice");
		String cookie = client.cookie;
		Client other = new Client();
		other.cookie = cookie;
		client.request((exchange) -> exchange.getSession()
			.flatMap((session) -> other
				.exchange((otherExchange) -> otherExchange.getSession().flatMap(WebSession::invalidate))
				.then(Mono.fromRunnable(() -> session.getAttributes().put("user", "mallory")))));
		Client again = new Client();
		again.cookie = cookie;
		assertThat(again.get("user")).isNull();
	}

}
