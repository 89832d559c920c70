package app.session.redis.benchmarks.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.HdrHistogram.Histogram;

/**
 * The part of a load that one connection sends. Runs the parts and adds up their results.
 */
abstract class Worker implements Callable<Worker> {

	private static final long HIGHEST = 60_000_000_000L;

	final Histogram latency = new Histogram(HIGHEST, 3);

	long requests;

	long errors;

	private final int port;

	Worker(int port) {
		this.port = port;
	}

	@Override
	public final Worker call() throws IOException, InterruptedException {
		try (HttpConnection connection = new HttpConnection(this.port)) {
			run(connection);
		}
		return this;
	}

	abstract void run(HttpConnection connection) throws IOException, InterruptedException;

	final HttpConnection.Answer send(HttpConnection connection, byte[] request, long start) throws IOException {
		HttpConnection.Answer answer = connection.exchange(request);
		this.latency.recordValue(Math.min(System.nanoTime() - start, HIGHEST));
		this.requests++;
		if (!answer.isSuccess()) {
			this.errors++;
		}
		return answer;
	}

	static LoadResult runAll(List<Worker> workers) {
		ExecutorService executor = Executors.newFixedThreadPool(workers.size());
		try {
			long start = System.nanoTime();
			List<Future<Worker>> done = executor.invokeAll(workers);
			double seconds = (System.nanoTime() - start) / 1e9;
			List<Worker> finished = new ArrayList<>();
			for (Future<Worker> future : done) {
				finished.add(future.get());
			}
			return sum(finished, seconds);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while load is generated", ex);
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException("The load could not be generated", ex.getCause());
		}
		finally {
			executor.shutdownNow();
		}
	}

	private static LoadResult sum(List<Worker> workers, double seconds) {
		Histogram latency = new Histogram(HIGHEST, 3);
		long requests = 0;
		long errors = 0;
		for (Worker worker : workers) {
			latency.add(worker.latency);
			requests += worker.requests;
			errors += worker.errors;
		}
		return new LoadResult(requests, errors, seconds, latency);
	}

}
