package app.session.redis.servlet;

import java.util.Collection;
import java.util.function.Consumer;

import app.session.redis.log.LimitedLog;
import app.session.redis.session.StoredSession;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;

/**
 * Saves the changes of asynchronous processing when it ends without another dispatch, and
 * releases unused reservations and locks.
 */
final class AsyncCompletion implements AsyncListener {

	private final RequestBinding binding;

	private final Consumer<StoredSession> saver;

	private final LimitedLog failures;

	AsyncCompletion(RequestBinding binding, Consumer<StoredSession> saver, LimitedLog failures) {
		this.binding = binding;
		this.saver = saver;
		this.failures = failures;
	}

	@Override
	public void onComplete(AsyncEvent event) {
		try {
			save();
		}
		finally {
			this.binding.scope().releaseReservations();
			this.binding.scope().releaseLocks();
		}
	}

	void save() {
		RequestSession session = this.binding.session();
		if (session == null) {
			saveDeferred();
			return;
		}
		session.ending();
		saveDeferred();
		session.ended();
	}

	private void saveDeferred() {
		Collection<StoredSession> deferred = this.binding.asyncCompleted();
		if (this.binding.scope().isAnswered() || this.binding.scope().failure() != null) {
			// Changes must not be saved after an error response
			return;
		}
		RequestBinding before = RequestBinding.current();
		this.binding.bind();
		try {
			for (StoredSession session : deferred) {
				save(session);
			}
		}
		finally {
			RequestBinding.restore(before);
		}
	}

	private void save(StoredSession session) {
		try {
			this.saver.accept(session);
		}
		catch (RuntimeException ex) {
			this.failures.error("Saving session " + session + " at the end of asynchronous processing failed", ex);
		}
	}

	@Override
	public void onTimeout(AsyncEvent event) {
		// The container dispatches the error or completes; both save the changes.
	}

	@Override
	public void onError(AsyncEvent event) {
		// Same as for a timeout.
	}

	@Override
	public void onStartAsync(AsyncEvent event) {
		// The dispatch that restarts it passes through the filter again.
	}

}
