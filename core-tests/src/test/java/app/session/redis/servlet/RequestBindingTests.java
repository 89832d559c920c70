package app.session.redis.servlet;

import java.util.List;
import java.util.Map;

import app.session.redis.SessionLimitExceededException;
import app.session.redis.observation.SessionCounter;
import app.session.redis.session.RequestClient;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.OnExceeded;
import app.session.redis.test.Monitor;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.session.FindByIndexNameSessionRepository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * What a request knows of sessions, and what it must not take for knowledge.
 */
class RequestBindingTests {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private static final RedisServer server = SharedRedis.standalone();

	private final TestRepositories repositories = TestRepositories.on(server);

	private final AtomicRedisSessionRepository repository = node();

	private final StoredSession session = create(node());

	@BeforeEach
	void beginRequest() {
		// Another node brings the script into Redis, so that it need not be sent twice.
		assertThat(node().findById(this.session.getId())).isNotNull();
		new RequestBinding(RequestClient.UNKNOWN).bind(() -> false);
	}

	@AfterEach
	void close() {
		RequestBinding.restore(null);
		this.repositories.close();
	}

	private AtomicRedisSessionRepository node() {
		return this.repositories.unstarted((settings) -> {
		}).repository();
	}

	private static StoredSession create(AtomicRedisSessionRepository repository) {
		StoredSession session = repository.createSession();
		session.setAttribute(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, "alice");
		repository.save(session);
		return session;
	}

	@Test
	void aSessionIsReadOnceAndIsTheSameWhoeverAsks() {
		try (Monitor monitor = Monitor.of(server)) {
			StoredSession found = this.repository.clientSessions().findById(this.session.getId());
			assertThat(found).isNotNull();
			assertThat(this.repository.clientSessions().findById(this.session.getId())).isSameAs(found);
			assertThat(this.repository.findById(this.session.getId())).isSameAs(found);
			assertThat(this.repository.findById(this.session.getHandle())).isSameAs(found);
			assertThat(this.repository.findById(this.session.getHandle() + "A".repeat(43))).isNull();
			assertThat(monitor.commands()).hasSize(1);
		}
	}

	@Test
	void aSessionThatWasFoundByItsPrincipalBeforeIsStillTheClients() {
		assertThat(this.repository.findByPrincipalName("alice")).containsKey(this.session.getHandle());
		assertThat(this.repository.clientSessions().findById(this.session.getHandle() + "A".repeat(43))).isNull();
		StoredSession found = this.repository.clientSessions().findById(this.session.getId());
		assertThat(found).isNotNull();
		assertThat(found.getId()).isEqualTo(this.session.getId());
		assertThat(this.repository.findById(this.session.getHandle())).isSameAs(found);
	}

	@Test
	void theClientsOwnSessionIsNamedByItsIdHoweverItWasFound() {
		StoredSession other = create(node());
		for (boolean loadedBefore : new boolean[] { true, false }) {
			new RequestBinding(clientThatSent("no id", this.session.getHandle() + "A".repeat(43), this.session.getId()))
				.bind(() -> false);
			if (loadedBefore) {
				assertThat(this.repository.clientSessions().findById(this.session.getId())).isNotNull();
			}
			Map<String, StoredSession> found = this.repository.findByPrincipalName("alice");
			assertThat(found.keySet()).contains(this.session.getId())
				.allMatch((id) -> id.startsWith("!") || id.equals(this.session.getId()));
			assertThat(this.repository.clientSessions().findById(this.session.getId()))
				.isSameAs(found.get(this.session.getId()))
				.isSameAs(this.repository.findById(this.session.getHandle()));
			assertThat(found.get(other.getId()).getId()).startsWith("!");
		}
	}

	@Test
	void theClientsOwnSessionIsNamedByTheIdThatItIsGivenInTheRequest() {
		new RequestBinding(clientThatSent(this.session.getId())).bind(() -> false);
		StoredSession own = this.repository.clientSessions().findById(this.session.getId());
		Map<String, StoredSession> before = this.repository.findByPrincipalName("alice");
		String changed = own.changeSessionId();
		for (boolean saved : new boolean[] { false, true }) {
			if (saved) {
				this.repository.save(own);
			}
			assertThat(List.copyOf(this.repository.findByPrincipalName("alice").keySet())).contains(changed);
			assertThat(before.get(changed)).isSameAs(own);
		}
	}

	@Test
	void aSessionThatTheClientHasSentAnotherSecretOfIsNotItsOwn() {
		new RequestBinding(clientThatSent(this.session.getHandle() + "A".repeat(43))).bind(() -> false);
		assertThat(this.repository.findByPrincipalName("alice").keySet()).allMatch((id) -> id.startsWith("!"));
	}

	@Test
	void aSessionThatTheRequestEndedStaysEnded() {
		StoredSession found = this.repository.clientSessions().findById(this.session.getId());
		this.repository.clientSessions().deleteById(this.session.getId());
		try (Monitor monitor = Monitor.of(server)) {
			assertThat(this.repository.clientSessions().findById(this.session.getId())).isNull();
			assertThat(this.repository.findById(this.session.getHandle())).isNull();
			found.setAttribute("late", "x");
			this.repository.save(found);
			assertThat(monitor.commands()).noneMatch(
					(command) -> command.name().startsWith("EVAL") && command.args().toString().contains(":session:{"));
		}
	}

	@Test
	void anUnknownIdIsAskedForOnce() {
		try (Monitor monitor = Monitor.of(server)) {
			String unknown = "A".repeat(59);
			assertThat(this.repository.clientSessions().findById(unknown)).isNull();
			assertThat(this.repository.clientSessions().findById(unknown)).isNull();
			assertThat(monitor.commands()).hasSize(1);
		}
	}

	@Test
	void anIdThatWasChangedIsDeadInTheRequestOnceItIsSaved() {
		StoredSession found = this.repository.clientSessions().findById(this.session.getId());
		String changed = found.changeSessionId();
		assertThat(this.repository.clientSessions().findById(this.session.getId())).isSameAs(found);
		this.repository.clientSessions().save(found);
		assertThat(this.repository.clientSessions().findById(this.session.getId())).isNull();
		assertThat(this.repository.clientSessions().findById(changed)).isSameAs(found);
	}

	@Test
	void aReservationThatTheRequestDoesNotTakeUpIsGivenBackAtItsEnd() {
		AtomicRedisSessionRepository limited = limited();
		StoredSession other = limited.createSession();
		limited.reserve(other.getId(), Map.of(PRINCIPAL, "bob"));
		limited.reserve(other.getId(), Map.of(PRINCIPAL, "bob"));
		assertThat(countOfBob()).isEqualTo(1);
		endRequest();
		await().until(() -> countOfBob() == 0);
	}

	@Test
	void aReservationThatTheRequestTakesUpStays() {
		AtomicRedisSessionRepository limited = limited();
		StoredSession other = limited.createSession();
		limited.reserve(other.getId(), Map.of(PRINCIPAL, "bob"));
		other.setAttribute(PRINCIPAL, "bob");
		limited.save(other);
		try (Monitor monitor = Monitor.of(server)) {
			endRequest();
			assertThat(limited.findByPrincipalName("bob")).hasSize(1);
			assertThat(monitor.commands()).as("nothing is given back").hasSize(2);
		}
	}

	@Test
	void aReservationMovesToTheSessionThatReplacesItsOwn() {
		AtomicRedisSessionRepository limited = limited();
		StoredSession before = limited.createSession();
		limited.save(before);
		limited.reserve(before.getId(), Map.of(PRINCIPAL, "bob"));
		limited.deleteById(before.getId());
		StoredSession after = limited.createSession();
		after.setAttribute(PRINCIPAL, "bob");
		limited.save(after);
		endRequest();
		assertThat(limited.findByPrincipalName("bob").values()).containsExactly(after);
		assertThat(countOfBob()).isEqualTo(1);
	}

	@Test
	void aReservationIsForThePrincipalThatTheSessionWillHave() {
		AtomicRedisSessionRepository limited = this.repositories.unstarted((settings) -> {
			settings.limitPerPrincipal(1, OnExceeded.REJECT);
			settings.indexedAttributes(List.of("role"));
			settings.indexResolver((session) -> Map.of(PRINCIPAL,
					session.getAttribute("tenant") + "/" + session.getAttribute("user")));
		}).repository();
		server.flushAll();
		StoredSession other = limited.createSession();
		other.setAttribute("tenant", "a");
		other.setAttribute("user", "nobody");
		limited.reserve(other.getId(), Map.of("user", "bob", "role", "admin"));
		assertThat(server.keys()).containsExactly("app:session:index:principal:a/bob");
		assertThat(server.commands().zrange("app:session:index:principal:a/bob", 0, -1))
			.containsExactly(other.getHandle());
	}

	@Test
	void aPrincipalThatWasSetByItselfIsTheOneThatThePlaceIsFor() {
		AtomicRedisSessionRepository limited = limited();
		StoredSession other = limited.createSession();
		other.setAttribute(PRINCIPAL, "bob");
		limited.reserve(other.getId(), Map.of("SPRING_SECURITY_CONTEXT", "of alice"));
		assertThat(server.keys()).containsExactly("app:session:index:principal:bob");
	}

	@Test
	void aRefusalIsCountedOnceInARequest() {
		AtomicRedisSessionRepository limited = limited();
		limited.reserve(limited.createSession().getId(), Map.of(PRINCIPAL, "bob"));
		RequestBinding next = new RequestBinding(RequestClient.UNKNOWN);
		next.bind(() -> false);
		StoredSession other = limited.createSession();
		other.setAttribute(PRINCIPAL, "bob");
		for (int i = 0; i < 3; i++) {
			assertThatExceptionOfType(SessionLimitExceededException.class).isThrownBy(() -> limited.save(other));
		}
		assertThat(limited.getStatistics().get(SessionCounter.REJECTED_LOG_INS)).isEqualTo(1);
	}

	private AtomicRedisSessionRepository limited() {
		server.flushAll();
		return this.repositories.unstarted((settings) -> settings.limitPerPrincipal(1, OnExceeded.REJECT)).repository();
	}

	private long countOfBob() {
		return this.repository.operations().count(PRINCIPAL, "bob");
	}

	private static RequestClient clientThatSent(String... ids) {
		return new RequestClient() {

			@Override
			public List<String> sentIds() {
				return List.of(ids);
			}

		};
	}

	private static void endRequest() {
		RequestBinding.currentScope().releaseReservations();
		RequestBinding.restore(null);
	}

}
