package app.session.redis.webflux;

import java.util.List;
import java.util.Map;

import app.session.redis.SessionId;
import app.session.redis.reactive.ReactiveAtomicRedisSessionRepository;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.session.ReactiveFindByIndexNameSessionRepository;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests what operators of a reactive application see: endpoints, health, metrics and
 * observations.
 */
class WebFluxOperationsITests {

	private static RedisServer server;

	private static WebFluxNode node;

	@BeforeAll
	static void start() {
		server = SharedRedis.standalone();
		server.flushAll();
		node = WebFluxNode.start(server.host(), server.port(), List.of(RecordedObservations.class),
				"management.endpoints.web.exposure.include=*", "management.endpoint.redissessions.access=unrestricted",
				"management.endpoint.sessions.access=unrestricted", "management.endpoint.health.show-details=always",
				"spring.security.user.name=unused", "app.session.redis.indexes=list");
	}

	@AfterAll
	static void stop() {
		node.close();
	}

	@Test
	void endpoint_showsAndEndsSessions_byHandle() {
		Browser browser = node.browser();
		browser.logIn("anna");
		String handle = browser.cookie().substring(0, SessionId.HANDLE_LENGTH);
		Browser operator = node.browser();
		assertThat(operator.get("/actuator/redissessions")).contains("\"sessions\"");
		assertThat(operator.get("/actuator/redissessions?principal=anna")).contains(handle)
			.doesNotContain(browser.cookie());
		assertThat(operator.get("/actuator/redissessions/" + handle)).contains("SPRING_SECURITY_CONTEXT");
		assertThat(operator.delete("/actuator/redissessions/" + handle).statusCode()).isEqualTo(200);
		assertThat(browser.get("/user")).isEqualTo("nobody");
	}

	@Test
	void endpoint_searchesBySeveralValues_andCountsByValue() {
		Browser browser = node.browser();
		browser.get("/in-place?value=quince");
		browser.logIn("anna");
		Browser operator = node.browser();
		assertThat(operator.get("/actuator/redissessions?principal=anna&list=quince&count=true"))
			.isEqualTo("{\"count\":1}");
		assertThat(operator.get("/actuator/redissessions?principal=bert&list=quince&count=true"))
			.isEqualTo("{\"count\":0}");
		assertThat(operator.get("/actuator/redissessions?counts=list")).contains("{\"value\":\"quince\",\"count\":1}");
		assertThat(node.bean(ReactiveAtomicRedisSessionRepository.class)
			.find(Map.of(ReactiveFindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, "anna", "list", "quince"))
			.block()).hasSize(1);
	}

	@Test
	void bootsEndpoint_showsHandles() {
		Browser browser = node.browser();
		browser.logIn("bert");
		String handle = browser.cookie().substring(0, SessionId.HANDLE_LENGTH);
		Browser operator = node.browser();
		assertThat(operator.get("/actuator/sessions?username=bert")).contains(handle).doesNotContain(browser.cookie());
		assertThat(operator.get("/actuator/sessions/" + handle)).contains(handle);
		assertThat(operator.delete("/actuator/sessions/" + handle).statusCode()).isEqualTo(204);
		assertThat(browser.get("/user")).isEqualTo("nobody");
		assertThat(operator.response("/actuator/sessions/" + handle).statusCode()).isEqualTo(404);
	}

	@Test
	void health_includesTheSessions() {
		assertThat(node.browser().get("/actuator/health")).contains("\"redisSession\"", "\"UP\"");
	}

	@Test
	void meters_countSessions() {
		node.browser().get("/write?value=apple");
		MeterRegistry registry = node.bean(MeterRegistry.class);
		assertThat(registry.get("redis.session.created").functionCounter().count()).isPositive();
	}

	@Test
	void observations_areChildrenOfTheRequestsObservation() {
		Browser browser = node.browser();
		browser.get("/write?value=apple");
		RecordedObservations.clear();
		browser.get("/write?value=pear");
		assertThat(RecordedObservations.parents()).containsEntry("load", "http.server.requests")
			.containsEntry("save", "http.server.requests");
	}

	/** Records the operations of the store with the names of their parents. */
	@Configuration(proxyBeanMethods = false)
	static class RecordedObservations {

		private static final Map<String, String> parents = new java.util.concurrent.ConcurrentHashMap<>();

		static void clear() {
			parents.clear();
		}

		static Map<String, String> parents() {
			return Map.copyOf(parents);
		}

		@Bean
		ObservationHandler<Observation.Context> recorder() {
			return new ObservationHandler<>() {

				@Override
				public void onStop(Observation.Context context) {
					if (context instanceof app.session.redis.observation.StoreOperationContext store) {
						var parent = context.getParentObservation();
						parents.put(store.getOperation().name().toLowerCase(java.util.Locale.ROOT),
								(parent != null) ? parent.getContextView().getName() : "none");
					}
				}

				@Override
				public boolean supportsContext(Observation.Context context) {
					return true;
				}

			};
		}

	}

}
