package app.session.redis.autoconfigure.connection;

import java.io.IOException;
import java.security.GeneralSecurityException;

import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties.Ssl;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties.VerifyPeer;
import io.lettuce.core.SslOptions;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * Gives encrypted connections the name of a host that is not the address they are made
 * to: it is sent as SNI, and the certificate must be for it. Lettuce takes both from the
 * address. Setting the SNI name alone would not do: a certificate for the address would
 * then be accepted as well.
 */
final class TlsHost implements NettyCustomizer {

	private final NettyCustomizer others;

	private final SslOptions options;

	private final Ssl ssl;

	private final String host;

	/**
	 * Creates a customizer.
	 * @param others what else is done to connections
	 * @param options of TLS
	 * @param ssl what is verified, and how encryption begins
	 * @param host the name
	 */
	TlsHost(NettyCustomizer others, SslOptions options, Ssl ssl, String host) {
		this.others = others;
		this.options = options;
		this.ssl = ssl;
		this.host = host;
	}

	@Override
	public void afterBootstrapInitialized(Bootstrap bootstrap) {
		this.others.afterBootstrapInitialized(bootstrap);
	}

	@Override
	public void afterChannelInitialized(Channel channel) {
		SslHandler handler = channel.pipeline().get(SslHandler.class);
		if (handler != null) {
			SslHandler renamed = new SslHandler(engine(channel, handler.engine().getSSLParameters()),
					this.ssl.startTls());
			renamed.setHandshakeTimeoutMillis(handler.getHandshakeTimeoutMillis());
			channel.pipeline().replace(handler, null, renamed);
		}
		this.others.afterChannelInitialized(channel);
	}

	private SSLEngine engine(Channel channel, SSLParameters parameters) {
		try {
			SslContextBuilder builder = this.options.createSslContextBuilder();
			if (this.ssl.verifyPeer() == VerifyPeer.NONE) {
				builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
			}
			SSLEngine engine = builder.build().newEngine(channel.alloc(), this.host, -1);
			parameters.setServerNames(engine.getSSLParameters().getServerNames());
			engine.setSSLParameters(parameters);
			return engine;
		}
		catch (IOException | GeneralSecurityException ex) {
			throw new IllegalStateException("TLS can't be set up", ex);
		}
	}

}
