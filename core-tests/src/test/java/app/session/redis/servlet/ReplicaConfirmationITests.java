package app.session.redis.servlet;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import app.session.redis.observation.SessionCounter;
import app.session.redis.session.StoredSession;
import app.session.redis.test.Background;
import app.session.redis.test.RedisServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static app.session.redis.servlet.TestRepositories.Node;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.springframework.session.FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

/**
 * Log-ins and log-outs that wait for a replica.
 */
class ReplicaConfirmationITests {

	private static final Duration TIMEOUT = Duration.ofMillis(400);

	private final RedisServer primary = RedisServer.start();

	private final RedisServer replica = RedisServer.builder().replicaOf(this.primary).start();

	private final TestRepositories repositories = TestRepositories.on(this.primary);

	private final Node node = this.repositories.node((settings) -> settings.confirmReplicas(1, TIMEOUT));

	/**
	 * Waits for a replica as long as the command timeout lets it: the machine may be
	 * busy.
	 */
	private final Node patient = this.repositories
		.node((settings) -> settings.confirmReplicas(1, Duration.ofMillis(1900)));

	@BeforeEach
	void replicate() {
		awaitReplica();
	}

	/** Until the primary counts it, which is some time after the replica thinks so. */
	private void awaitReplica() {
		this.replica.awaitReplication();
		await().until(() -> {
			this.primary.commands().set("a", "b");
			return this.primary.commands().waitForReplication(1, 100) == 1;
		});
	}

	@AfterEach
	void close() {
		this.repositories.close();
		this.replica.resume();
		this.replica.close();
		this.primary.close();
	}

	@Test
	void aReplicaHasTheLogInTheChangeOfIdAndTheLogOutWhenTheyAreAnswered() {
		for (int i = 0; i < 50; i++) {
			StoredSession session = logIn(this.patient);
			assertConfirmed();
			assertThat(this.replica.commands().exists(key(session))).isEqualTo(1);
			String header = this.replica.commands().hget(key(session), "m");
			session.changeSessionId();
			this.patient.repository().save(session);
			assertConfirmed();
			assertThat(this.replica.commands().hget(key(session), "m")).isNotEqualTo(header);
			this.patient.repository().deleteById(session.getId());
			assertConfirmed();
			assertThat(this.replica.commands().exists(key(session))).isZero();
		}
	}

	/** Only then the replica has to have it. */
	private void assertConfirmed() {
		assertThat(this.patient.repository().getStatistics().get(SessionCounter.UNCONFIRMED))
			.as("answered before the replica had it")
			.isZero();
	}

	@Test
	void whatEndsAllSessionsOfAPrincipalIsConfirmedToo() {
		List<StoredSession> sessions = List.of(logIn(this.patient), logIn(this.patient));
		assertThat(this.patient.repository().deleteByPrincipalName("alice")).isEqualTo(2);
		assertConfirmed();
		sessions.forEach((session) -> assertThat(this.replica.commands().exists(key(session))).isZero());
	}

	@Test
	void aReplicaThatHangsDelaysTheAnswerByTheTimeoutAndIsCounted() {
		this.replica.pause();
		long start = System.nanoTime();
		logIn();
		Duration took = Duration.ofNanos(System.nanoTime() - start);
		assertThat(took).isBetween(TIMEOUT.minusMillis(50), TIMEOUT.plusMillis(500));
		assertThat(this.node.repository().getStatistics().get(SessionCounter.UNCONFIRMED)).isEqualTo(1);
	}

	@Test
	void manyWaitTogether() {
		this.replica.pause();
		long start = System.nanoTime();
		List<CompletableFuture<Void>> logIns = IntStream.range(0, 20)
			.mapToObj((i) -> Background.run(this::logIn))
			.toList();
		logIns.forEach(CompletableFuture::join);
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(TIMEOUT.plusMillis(1000));
		this.replica.resume();
		awaitReplica();
		long unconfirmed = this.node.repository().getStatistics().get(SessionCounter.UNCONFIRMED);
		logIn();
		assertThat(this.node.repository().getStatistics().get(SessionCounter.UNCONFIRMED)).isEqualTo(unconfirmed);
	}

	@Test
	void otherSavesDoNotWait() {
		StoredSession session = logIn();
		this.replica.pause();
		session.setAttribute("a", "b");
		long start = System.nanoTime();
		this.node.repository().save(session);
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(TIMEOUT);
	}

	private StoredSession logIn() {
		return logIn(this.node);
	}

	private static StoredSession logIn(Node node) {
		StoredSession session = node.repository().createSession();
		session.setAttribute(PRINCIPAL_NAME_INDEX_NAME, "alice");
		node.repository().save(session);
		return session;
	}

	private static String key(StoredSession session) {
		return "app:session:session:{" + session.getHandle() + "}";
	}

}
