package app.session.redis.codec;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;

import org.jspecify.annotations.Nullable;

/**
 * Makes a URL that was stored look no host up while it is being read; afterwards it is
 * like any other. One that is the key of a stored hash table is hashed by the name of its
 * host.
 */
final class StoredUrlHandler extends URLStreamHandler {

	private final URL original;

	private final ValueInputStream stream;

	private StoredUrlHandler(URL original, ValueInputStream stream) {
		this.original = original;
		this.stream = stream;
	}

	static URL guard(URL url, ValueInputStream stream) throws IOException {
		return new URL(null, url.toExternalForm(), new StoredUrlHandler(url, stream));
	}

	@Override
	protected @Nullable InetAddress getHostAddress(URL url) {
		return this.stream.isReading() ? null : super.getHostAddress(url);
	}

	@Override
	protected int getDefaultPort() {
		return this.original.getDefaultPort();
	}

	@Override
	protected URLConnection openConnection(URL url) throws IOException {
		return new URL(url.toExternalForm()).openConnection();
	}

	@Override
	protected URLConnection openConnection(URL url, Proxy proxy) throws IOException {
		return new URL(url.toExternalForm()).openConnection(proxy);
	}

}
