package app.session.redis.autoconfigure.connection;

import java.time.Duration;

import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.flush.FlushConsolidationHandler;

/**
 * Adds handlers to the pipeline of each connection:
 * <ul>
 * <li>Commands that several requests send at the same time are written together, with one
 * system call on each side instead of one per command. A single request doesn't wait for
 * others.</li>
 * <li>A connection on which Redis doesn't reply is closed after three command timeouts,
 * but not before one second, so that the client reconnects.</li>
 * </ul>
 */
public final class ConnectionPipeline implements NettyCustomizer {

	private static final int COMMAND_TIMEOUTS = 3;

	private static final Duration SHORTEST_SILENCE = Duration.ofSeconds(1);

	private final Duration silence;

	/**
	 * Creates a customizer.
	 * @param commandTimeout the timeout for replies
	 */
	public ConnectionPipeline(Duration commandTimeout) {
		Duration silence = commandTimeout.multipliedBy(COMMAND_TIMEOUTS);
		this.silence = (silence.compareTo(SHORTEST_SILENCE) < 0) ? SHORTEST_SILENCE : silence;
	}

	@Override
	public void afterChannelInitialized(Channel channel) {
		ChannelPipeline pipeline = channel.pipeline();
		// Next to the socket, so that it flushes data that TLS has already encrypted
		pipeline.addFirst(
				new FlushConsolidationHandler(FlushConsolidationHandler.DEFAULT_EXPLICIT_FLUSH_AFTER_FLUSHES, true));
		pipeline.addFirst(new SilenceTimeoutHandler(this.silence));
	}

}
