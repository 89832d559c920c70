package app.session.redis.servlet;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.session.RequestClient;
import app.session.redis.session.SessionScope;
import app.session.redis.session.StoredSession;
import jakarta.servlet.ServletRequest;
import org.jspecify.annotations.Nullable;

/**
 * Binds the {@link SessionScope} of a servlet request to the threads that work for the
 * request, in all its dispatches, and keeps what must still be saved when asynchronous
 * processing ends.
 */
public final class RequestBinding {

	private static final String ATTRIBUTE = RequestBinding.class.getName();

	private static final ThreadLocal<@Nullable RequestBinding> CURRENT = new ThreadLocal<>();

	private final SessionScope scope;

	private volatile BooleanSupplier asyncStarted = () -> false;

	private volatile boolean asyncCompleted;

	private volatile @Nullable Thread leaving;

	/** Few requests have any. */
	private @Nullable Map<String, StoredSession> deferred;

	RequestBinding(RequestClient client) {
		this.scope = new SessionScope(client);
	}

	/**
	 * The binding of the request that this thread works for; null outside of requests.
	 */
	static @Nullable RequestBinding current() {
		return CURRENT.get();
	}

	/** The scope of the request that this thread works for, or that of no request. */
	static SessionScope currentScope() {
		RequestBinding current = CURRENT.get();
		return (current != null) ? current.scope : SessionScope.none();
	}

	/** The binding of a request; null when it has none yet. */
	static @Nullable RequestBinding of(ServletRequest request) {
		return (request.getAttribute(ATTRIBUTE) instanceof RequestBinding binding) ? binding : null;
	}

	/**
	 * Returns the failure of the store because of which a request is served as if its
	 * client had no session.
	 * @param request the request
	 * @return the failure; null if the request has the session of its client
	 */
	public static @Nullable SessionStoreUnavailableException anonymousBecause(ServletRequest request) {
		RequestBinding binding = of(request);
		return (binding != null && binding.scope.isAnonymous()) ? binding.scope.failure() : null;
	}

	SessionScope scope() {
		return this.scope;
	}

	/** Makes this the binding of the request in all its dispatches. */
	void keepIn(ServletRequest request) {
		request.setAttribute(ATTRIBUTE, this);
	}

	/**
	 * Binds the request to the thread of a dispatch, and returns what was bound before,
	 * for {@link #restore}.
	 */
	@Nullable RequestBinding bind(BooleanSupplier asyncStarted) {
		RequestBinding before = CURRENT.get();
		this.asyncStarted = asyncStarted;
		this.scope.begin();
		bind();
		return before;
	}

	/** Binds the request to a thread that works for it outside its dispatches. */
	void bind() {
		CURRENT.set(this);
	}

	static void restore(@Nullable RequestBinding before) {
		if (before != null) {
			CURRENT.set(before);
		}
		else {
			CURRENT.remove();
		}
	}

	/**
	 * Runs a task for the request, unless the thread works for one: threads that the
	 * application starts work for none.
	 */
	<T extends @Nullable Object> T run(Supplier<T> task) {
		if (current() != null) {
			return task.get();
		}
		bind();
		try {
			return task.get();
		}
		finally {
			restore(null);
		}
	}

	/**
	 * Returns whether asynchronous processing is under way, so that objects in the
	 * session may be changing at this moment. If so, the session is saved again when the
	 * request ends, which finds such changes.
	 */
	boolean deferIfAsync(StoredSession session) {
		boolean running = !this.asyncCompleted && this.asyncStarted.getAsBoolean();
		if (running) {
			defer(session);
		}
		return running;
	}

	private synchronized void defer(StoredSession session) {
		if (this.deferred == null) {
			this.deferred = new HashMap<>(2);
		}
		this.deferred.put(session.getHandle(), session);
	}

	/** Sets the thread that leaves a dispatch, and has only the session left to save. */
	void leave(@Nullable Thread thread) {
		this.leaving = thread;
	}

	/**
	 * Returns whether this thread leaves a dispatch while asynchronous processing goes
	 * on, so that the session is saved again later in the request.
	 */
	boolean isLeavingToAsync() {
		return this.leaving == Thread.currentThread() && !this.asyncCompleted && this.asyncStarted.getAsBoolean();
	}

	synchronized boolean hasDeferred() {
		return this.deferred != null;
	}

	/**
	 * Ends asynchronous processing, and returns the sessions that are still to be saved.
	 */
	synchronized List<StoredSession> asyncCompleted() {
		if (this.deferred == null) {
			return List.of();
		}
		this.asyncCompleted = true;
		return this.deferred.values().stream().filter((session) -> !this.scope.hasEnded(session.getHandle())).toList();
	}

}
