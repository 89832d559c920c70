package app.session.redis.benchmarks.app;

import java.lang.management.ManagementFactory;
import java.lang.reflect.Method;

import com.sun.management.ThreadMXBean;

/**
 * Reads how many bytes all threads have allocated since the JVM started. Before Java 21,
 * only live threads are counted, which include those that serve requests.
 */
final class Allocation {

	private Allocation() {
	}

	static long bytes() {
		ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
		try {
			Method total = ThreadMXBean.class.getMethod("getTotalThreadAllocatedBytes");
			return (long) total.invoke(threads);
		}
		catch (ReflectiveOperationException ex) {
			long sum = 0;
			for (long bytes : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
				sum += Math.max(bytes, 0);
			}
			return sum;
		}
	}

}
