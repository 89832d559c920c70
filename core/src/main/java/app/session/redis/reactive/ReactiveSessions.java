package app.session.redis.reactive;

import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import app.session.redis.DeletionReason;
import app.session.redis.SessionId;
import app.session.redis.SessionLimitExceededException;
import app.session.redis.client.Stages;
import app.session.redis.engine.SaveOptions;
import app.session.redis.engine.SessionEngine;
import app.session.redis.session.SessionScope;
import app.session.redis.session.StoredSession;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.ReactiveFindByIndexNameSessionRepository;

/**
 * The use cases of the engine as publishers. Each is started when it is subscribed to.
 * Cancelling a subscription doesn't cancel a command that was sent, so that a client that
 * disconnects doesn't count as a failure of Redis.
 */
final class ReactiveSessions {

	private final SessionEngine engine;

	private final Supplier<RefusedLogIn> refusedLogIn;

	ReactiveSessions(SessionEngine engine, Supplier<RefusedLogIn> refusedLogIn) {
		this.engine = engine;
		this.refusedLogIn = refusedLogIn;
	}

	Instant now() {
		return this.engine.settings().clock().instant();
	}

	/**
	 * Runs a use case. After a cancellation, its result and its failure are of no
	 * interest: commands that were sent are not cancelled.
	 */
	static <T> Mono<T> mono(Supplier<? extends CompletionStage<@Nullable T>> useCase) {
		return Mono.create((sink) -> {
			AtomicBoolean cancelled = new AtomicBoolean();
			sink.onCancel(() -> cancelled.set(true));
			Stages.start(useCase).whenComplete((result, failure) -> {
				if (cancelled.get()) {
					return;
				}
				if (failure != null) {
					sink.error(Stages.unwrap(failure));
				}
				else {
					sink.success(result);
				}
			});
		});
	}

	/**
	 * Returns the name of an index in the store, where the index of principals has the
	 * same name for servlet and reactive applications.
	 */
	static String index(String name) {
		return name.equals(ReactiveFindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME)
				? FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME : name;
	}

	/** Returns index values with the names of their indexes in the store. */
	static Map<String, String> indexes(Map<String, String> values) {
		return values.entrySet()
			.stream()
			.collect(Collectors.toMap((value) -> index(value.getKey()), Map.Entry::getValue));
	}

	/** Creates a session in memory. */
	RedisWebSession create(SessionScope scope, BooleanSupplier committed) {
		return new RedisWebSession(this.engine.saver().create(scope), scope, this, committed, false);
	}

	/**
	 * Returns a session that was found as a session of WebFlux.
	 * @param committed whether the response is committed, so that no new id can be sent
	 */
	RedisWebSession wrap(SessionScope scope, StoredSession found, BooleanSupplier committed) {
		return new RedisWebSession(found, scope, this, committed, true);
	}

	/**
	 * Finds the session of a client: one round trip, or none if the value can't be an id.
	 */
	Mono<StoredSession> findForClient(SessionScope scope, String id) {
		return mono(() -> this.engine.finder().findForClient(scope, id));
	}

	/** Finds a session by its id, alias or handle: one round trip. */
	Mono<StoredSession> findById(SessionScope scope, String id) {
		return mono(() -> this.engine.finder().findById(scope, id));
	}

	/** Waits for saves of a session that are in progress. */
	Mono<Void> settled(RedisWebSession session) {
		return mono(() -> this.engine.saver().settled(session.stored()));
	}

	/** Writes the changes of a session: nothing, or one script. */
	Mono<Void> save(SessionScope scope, StoredSession session) {
		return mono(() -> this.engine.saver().save(scope, session, (saved) -> SaveOptions.EVERYTHING));
	}

	/**
	 * Writes the changes of a session at the end of its exchange. If a value can't be
	 * stored, this fails once, and later saves leave the value out, so that the response
	 * to the failure doesn't fail as well.
	 */
	Mono<Void> saveAtEnd(SessionScope scope, RedisWebSession session) {
		StoredSession stored = session.stored();
		return ReactiveSessions
			.<Void>mono(() -> this.engine.saver().save(scope, stored, (saved) -> SaveOptions.WITHOUT_REFUSED))
			.doOnError((failure) -> {
				if (failure instanceof IllegalArgumentException || stored.isRefused()) {
					stored.leaveOutRefused();
				}
			});
	}

	/**
	 * Writes a session that has got another id. If it is refused because its user has too
	 * many sessions, the application can handle this like a log-in that has failed.
	 */
	Mono<Void> saveWithNewId(SessionScope scope, RedisWebSession session) {
		return save(scope, session.stored()).onErrorMap(SessionLimitExceededException.class,
				(refusal) -> this.refusedLogIn.get().refused(session, refusal));
	}

	/** Deletes a session by its id, alias or handle, if it exists: one round trip. */
	Mono<Void> delete(SessionScope scope, String id) {
		return mono(() -> this.engine.ender().delete(scope, id, DeletionReason.APPLICATION)).then();
	}

	/** Locks the session of a client: one round trip, and waits for the lock. */
	Mono<Boolean> lockForClient(SessionScope scope, SessionId id) {
		return mono(() -> this.engine.locking().lockForClient(scope, id));
	}

}
