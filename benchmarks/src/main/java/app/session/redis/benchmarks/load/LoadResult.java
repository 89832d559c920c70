package app.session.redis.benchmarks.load;

import org.HdrHistogram.Histogram;

/**
 * What came of a load.
 *
 * @param requests how many requests were answered
 * @param errors how many of them not with success
 * @param seconds how long it took
 * @param latency nanoseconds
 */
public record LoadResult(long requests, long errors, double seconds, Histogram latency) {

	/**
	 * The throughput.
	 * @return requests per second
	 */
	public double perSecond() {
		return this.requests / this.seconds;
	}

	/**
	 * A percentile of the latency.
	 * @param percentile from 0 to 100
	 * @return microseconds
	 */
	public double micros(double percentile) {
		return this.latency.getValueAtPercentile(percentile) / 1000.0;
	}

	/**
	 * Makes sure that every request succeeded, for others are no measurement.
	 * @param what names the load
	 * @return this result
	 */
	public LoadResult requireNoErrors(String what) {
		if (this.errors > 0 || this.requests == 0) {
			throw new IllegalStateException(what + ": " + this.errors + " of " + this.requests + " requests failed");
		}
		return this;
	}

}
