package app.session.redis.autoconfigure.connection;

import java.time.Duration;

import io.lettuce.core.resource.NettyCustomizer;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;

/**
 * Gives each connection a {@link SilenceTimeoutHandler}.
 *
 * @param next what else is to be done with connections
 * @param timeout how long one may be silent that was asked something
 */
public record SilenceTimeout(NettyCustomizer next, Duration timeout) implements NettyCustomizer {

	private static final int COMMAND_TIMEOUTS = 3;

	private static final Duration AT_LEAST = Duration.ofSeconds(1);

	public static SilenceTimeout ofCommands(Duration commandTimeout, NettyCustomizer next) {
		Duration timeout = commandTimeout.multipliedBy(COMMAND_TIMEOUTS);
		return new SilenceTimeout(next, (timeout.compareTo(AT_LEAST) < 0) ? AT_LEAST : timeout);
	}

	@Override
	public void afterBootstrapInitialized(Bootstrap bootstrap) {
		this.next.afterBootstrapInitialized(bootstrap);
	}

	@Override
	public void afterChannelInitialized(Channel channel) {
		this.next.afterChannelInitialized(channel);
		channel.pipeline().addFirst(new SilenceTimeoutHandler(this.timeout));
	}

}
