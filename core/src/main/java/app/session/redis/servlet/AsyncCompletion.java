package app.session.redis.servlet;

import java.util.Collection;
import java.util.function.Consumer;

import app.session.redis.log.LimitedLog;
import app.session.redis.session.StoredSession;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;

/**
 * Saves what asynchronous processing changed when it ends without another dispatch, gives
 * back what it reserved and didn't take up, and releases the locks.
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
			this.binding.scope().giveBackReservations();
			this.binding.scope().releaseLocks();
		}
	}

	void save() {
		Collection<StoredSession> deferred = this.binding.asyncCompleted();
		if (this.binding.scope().isAnswered() || this.binding.scope().failure() != null) {
			// What was answered with an error must not be saved afterwards
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
		// The container dispatches the error or completes: both save.
	}

	@Override
	public void onError(AsyncEvent event) {
		// As with a timeout.
	}

	@Override
	public void onStartAsync(AsyncEvent event) {
		// The dispatch that starts it again passes the filter again.
	}

}
