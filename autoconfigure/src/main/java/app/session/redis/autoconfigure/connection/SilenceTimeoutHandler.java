package app.session.redis.autoconfigure.connection;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Closes a connection on which something was asked and nothing has come since for too
 * long. The client makes it anew, and asks the sentinels or the cluster where to. To TCP
 * a server that hangs is well, and one that is gone without a word is for minutes.
 */
final class SilenceTimeoutHandler extends ChannelDuplexHandler {

	private static final Log logger = LogFactory.getLog(SilenceTimeoutHandler.class);

	private final Duration timeout;

	// all on the channel's event loop
	private boolean asked;

	private long askedAt;

	private boolean scheduled;

	SilenceTimeoutHandler(Duration timeout) {
		this.timeout = timeout;
	}

	@Override
	public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
		if (!this.asked) {
			this.asked = true;
			this.askedAt = System.nanoTime();
			if (!this.scheduled) {
				schedule(context, this.timeout.toNanos());
			}
		}
		var unused = context.write(message, promise);
	}

	@Override
	public void channelRead(ChannelHandlerContext context, Object message) {
		this.asked = false;
		context.fireChannelRead(message);
	}

	private void schedule(ChannelHandlerContext context, long nanos) {
		this.scheduled = true;
		var unused = context.executor().schedule(() -> check(context), nanos, TimeUnit.NANOSECONDS);
	}

	private void check(ChannelHandlerContext context) {
		this.scheduled = false;
		if (!this.asked || !context.channel().isActive()) {
			return;
		}
		long left = this.timeout.toNanos() - (System.nanoTime() - this.askedAt);
		if (left > 0) {
			schedule(context, left);
			return;
		}
		logger.warn("Redis at " + context.channel().remoteAddress() + " has not answered for " + this.timeout.toMillis()
				+ " ms: the connection is made anew");
		var unused = context.close();
	}

}
