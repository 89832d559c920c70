package app.session.redis.benchmarks.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Load on two applications that share their sessions: each connection of the load sends
 * its requests alternately to both, and every tenth request writes, through one
 * application and the other in turn.
 */
public final class MixedLoad {

	/** The number of requests of which two write. */
	private static final int CYCLE = 20;

	private final List<Integer> ports;

	private final byte[][] reads;

	private final byte[][] writes;

	/**
	 * Creates a load.
	 * @param ports the ports of both applications
	 * @param reads the requests that read
	 * @param writes the requests that write, with the same cookies
	 */
	public MixedLoad(List<Integer> ports, Requests reads, Requests writes) {
		this.ports = List.copyOf(ports);
		this.reads = reads.encoded();
		this.writes = writes.encoded();
	}

	/**
	 * Sends a number of requests.
	 * @param connections the number of connections to each application
	 * @param count the number of requests
	 * @return the result
	 */
	public LoadResult count(int connections, long count) {
		AtomicLong left = new AtomicLong(count);
		List<Worker> workers = new ArrayList<>();
		for (int i = 0; i < connections; i++) {
			int first = i * this.reads.length / connections;
			int own = this.reads.length / connections;
			workers.add(new Worker(this.ports.get(0)) {

				@Override
				void run(HttpConnection connection) throws IOException {
					try (HttpConnection other = new HttpConnection(MixedLoad.this.ports.get(1))) {
						for (int number = 0; left.getAndDecrement() > 0; number++) {
							int session = first + number / 2 % own;
							boolean write = number % CYCLE == 0 || number % CYCLE == CYCLE / 2 + 1;
							byte[] request = write ? MixedLoad.this.writes[session] : MixedLoad.this.reads[session];
							send((number % 2 == 0) ? connection : other, request, System.nanoTime());
						}
					}
				}

			});
		}
		return Worker.runAll(workers);
	}

}
