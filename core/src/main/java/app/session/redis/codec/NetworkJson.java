package app.session.redis.codec;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.net.UnknownHostException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.HexFormat;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.module.SimpleModule;

/**
 * Addresses, URLs and paths as JSON. Jackson writes only a part of their state, and
 * resolves names or file systems when it reads or writes them.
 */
final class NetworkJson {

	private static final String UNRESOLVED = "unresolved:";

	private static final String RESOLVED = "resolved:";

	private NetworkJson() {
	}

	static JacksonModule module() {
		SimpleModule module = new SimpleModule("app.session.redis.network");
		new TextJson<>(InetAddress.class, NetworkJson::text, (text, reading) -> address(text)).addTo(module);
		new TextJson<>(InetSocketAddress.class, NetworkJson::text, (text, reading) -> socketAddress(text))
			.addTo(module);
		new TextJson<>(URL.class, URL::toExternalForm,
				(text, reading) -> StoredUrlHandler.guard(new URL(text), reading::isActive))
			.addTo(module);
		new TextJson<>(Path.class, NetworkJson::text, (text, reading) -> Path.of(text)).addTo(module);
		return module;
	}

	private static String text(Path path) {
		if (path.getFileSystem() != FileSystems.getDefault()) {
			throw new UnstorableValueException("a path of a file system other than the default can't be stored");
		}
		return path.toString();
	}

	/** Returns the name, or null if the address has none, without resolving it. */
	private static @Nullable String name(InetAddress address) {
		String text = address.toString();
		String name = text.substring(0, text.lastIndexOf('/'));
		return name.isEmpty() ? null : name;
	}

	private static String text(InetAddress address) {
		String name = name(address);
		String scope = (address instanceof Inet6Address v6 && v6.getScopeId() != 0) ? "%" + v6.getScopeId() : "";
		return ((name != null) ? name : "") + "/" + HexFormat.of().formatHex(address.getAddress()) + scope;
	}

	private static InetAddress address(String text) throws UnknownHostException {
		int slash = text.lastIndexOf('/');
		String name = (slash > 0) ? text.substring(0, slash) : null;
		int percent = text.indexOf('%', slash);
		byte[] bytes = HexFormat.of().parseHex(text, slash + 1, (percent > 0) ? percent : text.length());
		return (percent > 0) ? Inet6Address.getByAddress(name, bytes, Integer.parseInt(text.substring(percent + 1)))
				: InetAddress.getByAddress(name, bytes);
	}

	private static String text(InetSocketAddress address) {
		return (address.isUnresolved() ? UNRESOLVED + address.getHostString() : RESOLVED + text(address.getAddress()))
				+ ":" + address.getPort();
	}

	private static InetSocketAddress socketAddress(String text) throws UnknownHostException {
		int colon = text.lastIndexOf(':');
		int port = Integer.parseInt(text.substring(colon + 1));
		return text.startsWith(UNRESOLVED)
				? InetSocketAddress.createUnresolved(text.substring(UNRESOLVED.length(), colon), port)
				: new InetSocketAddress(address(text.substring(RESOLVED.length(), colon)), port);
	}

}
