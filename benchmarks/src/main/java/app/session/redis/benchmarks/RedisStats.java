package app.session.redis.benchmarks;

import app.session.redis.test.RedisServer;

/**
 * The counters of Redis since it started.
 *
 * @param bytesIn bytes received
 * @param bytesOut bytes sent
 * @param commands commands executed, including those of scripts
 * @param cpuSeconds seconds of CPU time
 * @param usedMemory bytes in use
 */
record RedisStats(long bytesIn, long bytesOut, long commands, double cpuSeconds, long usedMemory) {

	static RedisStats of(RedisServer server) {
		String info = server.commands().info();
		return new RedisStats((long) number(info, "total_net_input_bytes"),
				(long) number(info, "total_net_output_bytes"), (long) number(info, "total_commands_processed"),
				number(info, "used_cpu_user") + number(info, "used_cpu_sys"), (long) number(info, "used_memory"));
	}

	static double number(String info, String name) {
		for (String line : info.split("\r?\n", -1)) {
			if (line.startsWith(name + ":")) {
				return Double.parseDouble(line.substring(name.length() + 1));
			}
		}
		throw new IllegalStateException("INFO does not contain " + name);
	}

	RedisStats plus(RedisStats other) {
		return new RedisStats(this.bytesIn + other.bytesIn, this.bytesOut + other.bytesOut,
				this.commands + other.commands, this.cpuSeconds + other.cpuSeconds, this.usedMemory + other.usedMemory);
	}

	RedisStats since(RedisStats before) {
		return new RedisStats(this.bytesIn - before.bytesIn, this.bytesOut - before.bytesOut,
				this.commands - before.commands, this.cpuSeconds - before.cpuSeconds,
				this.usedMemory - before.usedMemory);
	}

}
