package app.session.redis.autoconfigure.servlet.contract;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

/**
 * The behaviours that tests give to paths of the server, and the failures of these
 * behaviours.
 */
final class Behaviours {

	/** The path of the servlet. */
	static final String ROOT = "/contract/";

	/** The path of the error page. */
	static final String ERROR_PAGE = ROOT + "error";

	/** The header that names a request. */
	static final String REQUEST_HEADER = "Contract-Request";

	private final Map<String, Behaviour> behaviours = new ConcurrentHashMap<>();

	private final Map<String, CountDownLatch> running = new ConcurrentHashMap<>();

	private final AtomicInteger count = new AtomicInteger();

	private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

	private volatile @Nullable Behaviour early;

	private volatile @Nullable Runnable afterFilters;

	/**
	 * Gives a behaviour to a new path.
	 * @param behaviour the behaviour
	 * @return the path
	 */
	String at(Behaviour behaviour) {
		String path = ROOT + this.count.incrementAndGet();
		this.behaviours.put(path, behaviour);
		return path;
	}

	/**
	 * Sets the behaviour of the error page.
	 * @param behaviour the behaviour
	 */
	void errorPage(Behaviour behaviour) {
		this.behaviours.put(ERROR_PAGE, behaviour);
	}

	/**
	 * Sets the behaviour of the first filter of all requests that follow.
	 * @param behaviour the behaviour
	 */
	void early(Behaviour behaviour) {
		this.early = behaviour;
	}

	/**
	 * Sets an action to run after all filters have returned.
	 * @param action the action
	 */
	void afterFilters(Runnable action) {
		this.afterFilters = action;
	}

	void reset() {
		this.behaviours.clear();
		this.early = null;
		this.afterFilters = null;
		this.failure.set(null);
	}

	/** Returns the first unexpected failure, and forgets it. */
	@Nullable Throwable takeFailure() {
		return this.failure.getAndSet(null);
	}

	/** Registers a request whose end can be awaited. */
	void begin(String request) {
		this.running.put(request, new CountDownLatch(1));
	}

	/** Waits until all filters have returned. */
	void awaitEnd(String request) throws InterruptedException {
		CountDownLatch latch = this.running.get(request);
		if (latch != null && !latch.await(10, TimeUnit.SECONDS)) {
			throw new IllegalStateException("The request has not ended");
		}
		this.running.remove(request);
	}

	/** Runs a behaviour, and records its failure unless it is intended. */
	void run(@Nullable Behaviour behaviour, HttpServletRequest request, HttpServletResponse response)
			throws IOException, ServletException {
		if (behaviour == null) {
			response.sendError(HttpServletResponse.SC_NOT_FOUND);
			return;
		}
		try {
			behaviour.handle(request, response);
		}
		catch (Behaviour.Failure ex) {
			throw ex;
		}
		catch (Throwable ex) {
			this.failure.compareAndSet(null, ex);
			throw new ServletException(ex);
		}
	}

	/** Records a failure outside a behaviour. */
	void fail(Throwable failure) {
		this.failure.compareAndSet(null, failure);
	}

	private @Nullable Behaviour find(HttpServletRequest request) {
		Object included = (request.getDispatcherType() == DispatcherType.INCLUDE)
				? request.getAttribute(RequestDispatcher.INCLUDE_PATH_INFO) : null;
		String path = (included != null) ? (String) included : request.getPathInfo();
		return (path != null) ? this.behaviours.get(ROOT + path.substring(1)) : null;
	}

	/** A servlet that behaves as the test requires, for all methods of HTTP. */
	final class Servlet extends HttpServlet {

		@Override
		protected void service(HttpServletRequest request, HttpServletResponse response)
				throws ServletException, IOException {
			run(find(request), request, response);
		}

	}

	/**
	 * The filter that runs before all others, for the dispatch of the client's request.
	 */
	final class FirstFilter implements Filter {

		@Override
		public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
				throws IOException, ServletException {
			String name = ((HttpServletRequest) request).getHeader(REQUEST_HEADER);
			CountDownLatch latch = (name != null) ? Behaviours.this.running.get(name) : null;
			try {
				Behaviour behaviour = Behaviours.this.early;
				if (behaviour != null) {
					run(behaviour, (HttpServletRequest) request, (HttpServletResponse) response);
				}
				chain.doFilter(request, response);
			}
			finally {
				Runnable action = Behaviours.this.afterFilters;
				if (action != null) {
					action.run();
				}
				if (latch != null) {
					latch.countDown();
				}
			}
		}

	}

}
