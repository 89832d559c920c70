package app.session.redis.benchmarks.app;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.Session;
import org.springframework.session.SessionRepository;

/**
 * Uses the repository directly, in threads that serve no request, because sessions are
 * cached within a request.
 *
 * @param <S> the type of the sessions
 */
final class Sessions<S extends Session> {

	private static final int THREADS = 32;

	private final SessionRepository<S> repository;

	Sessions(SessionRepository<S> repository) {
		this.repository = repository;
	}

	/**
	 * Creates sessions.
	 * @param count the number of sessions
	 * @param attributes the number of attributes of each session
	 * @param size the length of each attribute
	 * @param principal the principal, in which {@code *} is replaced by the session's
	 * number, or an empty string for none
	 * @param indexed whether half of the sessions have each of two tenants, and half of
	 * these each of two plans
	 */
	void fill(int count, int attributes, int size, String principal, boolean indexed)
			throws InterruptedException, ExecutionException {
		AtomicInteger next = new AtomicInteger();
		List<Callable<Integer>> tasks = new ArrayList<>();
		for (int i = 0; i < THREADS; i++) {
			tasks.add(() -> {
				int number = next.getAndIncrement();
				while (number < count) {
					make(attributes, size, principal.replace("*", Integer.toString(number)),
							indexed ? Map.of("tenant", number % 2, "plan", number / 2 % 2) : Map.of());
					number = next.getAndIncrement();
				}
				return number;
			});
		}
		ExecutorService executor = Executors.newFixedThreadPool(THREADS);
		try {
			for (Future<Integer> done : executor.invokeAll(tasks)) {
				done.get();
			}
		}
		finally {
			executor.shutdown();
		}
	}

	private void make(int attributes, int size, String principal, Map<String, Integer> indexed) {
		S session = this.repository.createSession();
		for (int i = 0; i < attributes; i++) {
			session.setAttribute("a" + i, Values.next(size));
		}
		indexed.forEach(session::setAttribute);
		if (!principal.isEmpty()) {
			session.setAttribute(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, principal);
		}
		this.repository.save(session);
	}

	/**
	 * Finds the sessions of a principal, several times.
	 * @param principal the principal
	 * @param times the number of lookups
	 * @return the number of sessions, and the median time in nanoseconds
	 */
	String find(String principal, int times) throws InterruptedException, ExecutionException {
		if (!(this.repository instanceof FindByIndexNameSessionRepository<S> indexed)) {
			throw new IllegalStateException("This store can't find sessions");
		}
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try {
			return executor.submit(() -> {
				long[] nanos = new long[times];
				int found = 0;
				for (int i = 0; i < times; i++) {
					long start = System.nanoTime();
					found = indexed.findByPrincipalName(principal).size();
					nanos[i] = System.nanoTime() - start;
				}
				Arrays.sort(nanos);
				return found + " " + nanos[times / 2];
			}).get();
		}
		finally {
			executor.shutdown();
		}
	}

}
