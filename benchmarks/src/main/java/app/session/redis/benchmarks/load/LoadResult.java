package app.session.redis.benchmarks.load;

import org.HdrHistogram.Histogram;

/**
 * The result of a load.
 *
 * @param requests the number of answered requests
 * @param errors the number of these that failed
 * @param seconds the duration
 * @param latency the latencies in nanoseconds
 */
public record LoadResult(long requests, long errors, double seconds, Histogram latency) {

	/**
	 * Returns the throughput.
	 * @return requests per second
	 */
	public double perSecond() {
		return this.requests / this.seconds;
	}

	/**
	 * Returns a percentile of the latency.
	 * @param percentile the percentile, from 0 to 100
	 * @return microseconds
	 */
	public double micros(double percentile) {
		return this.latency.getValueAtPercentile(percentile) / 1000.0;
	}

	/**
	 * Requires that every request has succeeded, because failed requests would distort
	 * the measurement.
	 * @param what the name of the load
	 * @return this result
	 */
	public LoadResult requireNoErrors(String what) {
		if (this.errors > 0 || this.requests == 0) {
			throw new IllegalStateException(what + ": " + this.errors + " of " + this.requests + " requests failed");
		}
		return this;
	}

}
