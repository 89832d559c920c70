package app.session.redis.autoconfigure.connection;

import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.handler.flush.FlushConsolidationHandler;

/**
 * Sends what several requests ask of Redis at the same moment together: one call of the
 * operating system here and one there, in the place of one each. A request that is alone
 * does not wait for others.
 */
public final class FlushConsolidation implements NettyCustomizer {

	@Override
	public void afterChannelInitialized(Channel channel) {
		// Next to the socket, so that TLS comes before it
		channel.pipeline()
			.addFirst(new FlushConsolidationHandler(FlushConsolidationHandler.DEFAULT_EXPLICIT_FLUSH_AFTER_FLUSHES,
					true));
	}

}
