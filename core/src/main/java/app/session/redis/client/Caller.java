package app.session.redis.client;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

import app.session.redis.SessionStoreUnavailableException;
import org.jspecify.annotations.Nullable;

/**
 * Defines how an API receives replies. A use case hands each reply over to its caller
 * before it continues. A request thread waits for the reply in place, so that everything
 * that follows runs on that thread; a caller that must not block continues on its own
 * executor. In both cases no application code runs on a thread of the Redis client, and
 * the use case is written once.
 */
public interface Caller {

	/**
	 * Hands over a reply that arrives within the command timeout.
	 * @param <T> the type of the reply
	 * @param reply the stage of the reply
	 * @return the reply; already complete if the caller has waited for it. Fails with a
	 * {@link SessionStoreUnavailableException} if there is none
	 */
	default <T extends @Nullable Object> CompletionStage<T> receive(CompletionStage<T> reply) {
		return receive(reply, Duration.ZERO);
	}

	/**
	 * Hands over a reply that may take longer than the command timeout.
	 * @param <T> the type of the reply
	 * @param reply the stage of the reply
	 * @param patience how much longer than the command timeout it may take
	 * @return the reply; already complete if the caller has waited for it. Fails with a
	 * {@link SessionStoreUnavailableException} if there is none
	 */
	<T extends @Nullable Object> CompletionStage<T> receive(CompletionStage<T> reply, Duration patience);

	/**
	 * Waits for a signal, for a limited time.
	 * @param signal the signal, which may also be a failure
	 * @param atMost the limit
	 * @return whether the signal arrived in time. Fails with a
	 * {@link SessionStoreUnavailableException} if the caller was interrupted
	 */
	CompletionStage<Boolean> await(CompletionStage<?> signal, Duration atMost);

	/**
	 * Returns whether the threads that start use cases may block.
	 * @return whether they may
	 */
	boolean mayBlock();

}
