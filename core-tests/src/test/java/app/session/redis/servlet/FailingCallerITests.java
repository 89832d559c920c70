package app.session.redis.servlet;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.client.BlockingCaller;
import app.session.redis.client.Caller;
import app.session.redis.codec.EncryptionKeys;
import app.session.redis.engine.SaveOptions;
import app.session.redis.engine.SessionEngine;
import app.session.redis.operations.SessionOperations;
import app.session.redis.session.RequestClient;
import app.session.redis.session.SessionScope;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.SessionSettings;
import app.session.redis.settings.SessionSettingsBuilder;
import app.session.redis.test.SharedRedis;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.session.FindByIndexNameSessionRepository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * A caller that fails when a reply is there, as one whose executor rejects what follows:
 * to a use case this is a write without a reply.
 */
class FailingCallerITests {

	private final LettuceConnectionFactory connectionFactory = new LettuceConnectionFactory(
			SharedRedis.standalone().host(), SharedRedis.standalone().port());

	/** How many replies are still received. */
	private int received = Integer.MAX_VALUE;

	private SessionEngine engine;

	@BeforeEach
	void start() {
		SharedRedis.standalone().flushAll();
		this.connectionFactory.afterPropertiesSet();
		this.connectionFactory.start();
		SessionSettingsBuilder settings = SessionSettings.builder();
		settings.encryptionKeys(new EncryptionKeys(Map.of("key", new byte[32]), "key"));
		this.engine = new SessionEngine(this.connectionFactory, settings.build(), new FailingCaller());
		this.engine.afterPropertiesSet();
		this.engine.start();
	}

	@AfterEach
	void stop() {
		this.received = Integer.MAX_VALUE;
		this.engine.stop();
		this.connectionFactory.destroy();
	}

	@Test
	void sessionIsDeletedWhoseCreationWasNotReceived() {
		StoredSession session = this.engine.saver().create(SessionScope.none());
		this.received = 0;
		assertThatExceptionOfType(SessionStoreUnavailableException.class).isThrownBy(() -> BlockingCaller
			.result(this.engine.saver().save(SessionScope.none(), session, (saved) -> SaveOptions.EVERYTHING)));
		await().atMost(Duration.ofSeconds(20))
			.untilAsserted(() -> assertThat(SharedRedis.standalone().keys()).noneMatch((key) -> key.contains("{")));
	}

	@Test
	void aRequestWhoseOperationFailsDoesNotAskAgain() {
		StoredSession session = this.engine.saver().create(SessionScope.none());
		session.setAttribute(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, "alice");
		BlockingCaller
			.result(this.engine.saver().save(SessionScope.none(), session, (saved) -> SaveOptions.EVERYTHING));
		SessionScope scope = new SessionScope(RequestClient.UNKNOWN);
		SessionOperations operations = new SessionOperations(this.engine, () -> scope);
		// The page itself, but not what proves that its sealed sessions belong there
		this.received = 1;
		assertThatExceptionOfType(SessionStoreUnavailableException.class).isThrownBy(
				() -> operations.page(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, "alice", null, 10));
		assertThat(scope.failure()).isNotNull();
	}

	private final class FailingCaller implements Caller {

		private final Caller delegate = new BlockingCaller(Duration.ofSeconds(5));

		@Override
		public <T extends @Nullable Object> CompletionStage<T> receive(CompletionStage<T> reply, Duration patience) {
			CompletionStage<T> received = this.delegate.receive(reply, patience);
			return (FailingCallerITests.this.received-- > 0) ? received
					: CompletableFuture.failedFuture(new RejectedExecutionException("The executor is full"));
		}

		@Override
		public CompletionStage<Boolean> await(CompletionStage<?> signal, Duration atMost) {
			return this.delegate.await(signal, atMost);
		}

		@Override
		public boolean mayBlock() {
			return true;
		}

	}

}
