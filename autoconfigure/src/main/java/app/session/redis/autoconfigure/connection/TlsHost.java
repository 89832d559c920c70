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
 * Sets a host name for encrypted connections that differs from the address: it is sent as
 * SNI, and the certificate must be valid for it. Lettuce uses the address for both.
 * Setting only the SNI name is not sufficient, since a certificate for the address would
 * also be accepted.
 */
final class TlsHost implements NettyCustomizer {

	private final NettyCustomizer others;

	private final SslOptions options;

	private final Ssl ssl;

	private final String host;

	/**
	 * Creates a customizer.
	 * @param others the other customizer to apply to connections
	 * @param options the TLS options
	 * @param ssl the properties for certificate verification and STARTTLS
	 * @param host the host name
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
