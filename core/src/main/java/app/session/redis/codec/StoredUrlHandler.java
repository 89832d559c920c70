package app.session.redis.codec;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.util.function.BooleanSupplier;

import org.jspecify.annotations.Nullable;

/**
 * Prevents a stored URL from resolving its host while the value is being read; afterwards
 * it behaves like any other URL. A URL that is an element or a key of a stored hash table
 * is hashed by its host name.
 */
final class StoredUrlHandler extends URLStreamHandler {

	private final URL original;

	private final BooleanSupplier reading;

	private StoredUrlHandler(URL original, BooleanSupplier reading) {
		this.original = original;
		this.reading = reading;
	}

	static URL guard(URL url, ValueInputStream stream) throws IOException {
		return guard(url, stream::isReading);
	}

	static URL guard(URL url, BooleanSupplier reading) throws IOException {
		return new URL(null, url.toExternalForm(), new StoredUrlHandler(url, reading));
	}

	@Override
	protected @Nullable InetAddress getHostAddress(URL url) {
		return this.reading.getAsBoolean() ? null : super.getHostAddress(url);
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
