package app.session.redis.autoconfigure.connection;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Closes a connection if no data arrives within a timeout after a command was sent. The
 * client then reconnects, to the address that the sentinels or the cluster return. TCP
 * alone doesn't detect a server that hangs, and takes minutes to detect a server that has
 * disappeared without closing the connection.
 */
final class SilenceTimeoutHandler extends ChannelDuplexHandler {

	private static final Log logger = LogFactory.getLog(SilenceTimeoutHandler.class);

	private final Duration timeout;

	// Accessed only on the channel's event loop
	private boolean waiting;

	private long waitingSince;

	private boolean scheduled;

	SilenceTimeoutHandler(Duration timeout) {
		this.timeout = timeout;
	}

	@Override
	public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
		if (!this.waiting) {
			this.waiting = true;
			this.waitingSince = System.nanoTime();
			if (!this.scheduled) {
				schedule(context, this.timeout.toNanos());
			}
		}
		var unused = context.write(message, promise);
	}

	@Override
	public void channelRead(ChannelHandlerContext context, Object message) {
		this.waiting = false;
		context.fireChannelRead(message);
	}

	private void schedule(ChannelHandlerContext context, long nanos) {
		this.scheduled = true;
		var unused = context.executor().schedule(() -> check(context), nanos, TimeUnit.NANOSECONDS);
	}

	private void check(ChannelHandlerContext context) {
		this.scheduled = false;
		if (!this.waiting || !context.channel().isActive()) {
			return;
		}
		long left = this.timeout.toNanos() - (System.nanoTime() - this.waitingSince);
		if (left > 0) {
			schedule(context, left);
			return;
		}
		logger.warn("Redis at " + context.channel().remoteAddress() + " has not answered for " + this.timeout.toMillis()
				+ " ms: reconnecting");
		var unused = context.close();
	}

}
