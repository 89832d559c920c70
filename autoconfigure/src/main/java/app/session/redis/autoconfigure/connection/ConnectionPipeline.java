package app.session.redis.autoconfigure.connection;

import java.time.Duration;

import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.flush.FlushConsolidationHandler;

/**
 * Adds handlers to the pipeline of each connection:
 * <ul>
 * <li>Commands that several requests send at the same moment go out together, in one
 * system call here and one in Redis in place of one each. A request that is alone doesn't
 * wait for others.</li>
 * <li>A connection on which Redis doesn't answer is closed after three command timeouts,
 * and one second at least, so that the client opens another.</li>
 * </ul>
 */
public final class ConnectionPipeline implements NettyCustomizer {

	private static final int COMMAND_TIMEOUTS = 3;

	private static final Duration SHORTEST_SILENCE = Duration.ofSeconds(1);

	private final Duration silence;

	/**
	 * Creates a customizer.
	 * @param commandTimeout how long a caller waits for a reply
	 */
	public ConnectionPipeline(Duration commandTimeout) {
		Duration silence = commandTimeout.multipliedBy(COMMAND_TIMEOUTS);
		this.silence = (silence.compareTo(SHORTEST_SILENCE) < 0) ? SHORTEST_SILENCE : silence;
	}

	@Override
	public void afterChannelInitialized(Channel channel) {
		ChannelPipeline pipeline = channel.pipeline();
		// Close to the socket, so that TLS comes before it
		pipeline.addFirst(
				new FlushConsolidationHandler(FlushConsolidationHandler.DEFAULT_EXPLICIT_FLUSH_AFTER_FLUSHES, true));
		pipeline.addFirst(new SilenceTimeoutHandler(this.silence));
	}

}
