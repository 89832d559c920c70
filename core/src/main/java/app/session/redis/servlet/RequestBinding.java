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
 * request, in all its dispatches, and keeps the sessions that must still be saved when
 * asynchronous processing ends.
 */
public final class RequestBinding {

	private static final String ATTRIBUTE = RequestBinding.class.getName();

	private static final ThreadLocal<@Nullable RequestBinding> CURRENT = new ThreadLocal<>();

	private final SessionScope scope;

	private volatile BooleanSupplier asyncStarted = () -> false;

	private volatile boolean asyncStarting;

	private volatile boolean asyncCompleted;

	private volatile @Nullable Thread leaving;

	private @Nullable RequestSession session;

	/** Created on demand, because few requests defer saves. */
	private @Nullable Map<String, StoredSession> deferred;

	RequestBinding(RequestClient client) {
		this.scope = new SessionScope(client);
	}

	/**
	 * Returns the binding of the current thread's request, or null outside of requests.
	 */
	static @Nullable RequestBinding current() {
		return CURRENT.get();
	}

	/**
	 * Returns the scope of the current thread's request, or {@link SessionScope#none()}.
	 */
	static SessionScope currentScope() {
		RequestBinding current = CURRENT.get();
		return (current != null) ? current.scope : SessionScope.none();
	}

	/** Returns the binding of a request, or null if it has none yet. */
	static @Nullable RequestBinding of(ServletRequest request) {
		return (request.getAttribute(ATTRIBUTE) instanceof RequestBinding binding) ? binding : null;
	}

	/**
	 * Returns the failure of the store because of which a request is handled as if its
	 * client had no session.
	 * @param request the request
	 * @return the failure, or null if the request is not handled in this way
	 */
	public static @Nullable SessionStoreUnavailableException anonymousBecause(ServletRequest request) {
		RequestBinding binding = of(request);
		return (binding != null && binding.scope.isAnonymous()) ? binding.scope.failure() : null;
	}

	SessionScope scope() {
		return this.scope;
	}

	/** Returns the session of the request; null outside of the filter. */
	@Nullable RequestSession session() {
		return this.session;
	}

	/** Returns the session of the request, which is created by the first dispatch. */
	RequestSession session(ServletSessions sessions) {
		if (this.session == null) {
			this.session = new RequestSession(this, sessions);
		}
		return this.session;
	}

	/** Makes this the binding of the request in all its dispatches. */
	void keepIn(ServletRequest request) {
		request.setAttribute(ATTRIBUTE, this);
	}

	/**
	 * Binds the request to the thread of a dispatch, and returns the previous binding,
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

	/** Returns whether asynchronous processing is running. */
	boolean isAsyncStarted() {
		return !this.asyncCompleted && this.asyncStarted.getAsBoolean();
	}

	/**
	 * Runs a task with this binding, unless the thread already has a binding. Threads
	 * that the application starts have none.
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
	 * Returns whether asynchronous processing is running, so that objects in the session
	 * may be changing concurrently. If so, the session is saved again at the end of the
	 * request, which detects such changes.
	 */
	boolean deferIfAsync(StoredSession session) {
		boolean running = isAsyncStarted();
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

	/** Sets the thread that is leaving a dispatch and only has to save the session. */
	void leave(@Nullable Thread thread) {
		this.leaving = thread;
	}

	/**
	 * Returns whether this thread is leaving a dispatch while asynchronous processing
	 * continues, so that the session is saved again later in the request.
	 */
	boolean isLeavingToAsync() {
		return this.leaving == Thread.currentThread() && (this.asyncStarting || isAsyncStarted());
	}

	/**
	 * Runs a task before asynchronous processing starts. Saves in it are repeated later
	 * in the request.
	 */
	void beforeAsync(Runnable task) {
		Thread before = this.leaving;
		this.leaving = Thread.currentThread();
		this.asyncStarting = true;
		try {
			task.run();
		}
		finally {
			this.asyncStarting = false;
			this.leaving = before;
		}
	}

	/** Ends asynchronous processing, so that saves detect changes in place again. */
	void asyncCompleting() {
		this.asyncCompleted = true;
	}

	synchronized boolean hasDeferred() {
		return this.deferred != null;
	}

	/**
	 * Ends asynchronous processing, and returns the sessions that still have to be saved.
	 */
	synchronized List<StoredSession> asyncCompleted() {
		if (this.deferred == null) {
			return List.of();
		}
		this.asyncCompleted = true;
		return this.deferred.values().stream().filter((session) -> !this.scope.hasEnded(session.getHandle())).toList();
	}

}
