package app.session.redis.session;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

import app.session.redis.codec.Digests;
import app.session.redis.settings.ClientBindingSettings;
import io.netty.util.NetUtil;
import org.jspecify.annotations.Nullable;

import org.springframework.session.Session;

/**
 * Binds sessions to what their clients present at log-in: a digest of the user agent and
 * a prefix of the address, in an attribute of the session.
 */
public final class ClientBinding {

	/** The attribute with what the client presented at log-in. */
	public static final String ATTRIBUTE = "app.session.redis.client-binding";

	/** What is stored for a part that was not recorded. */
	private static final String NOTHING = "-";

	/** Half of the digest suffices to tell user agents apart. */
	private static final int DIGEST_BYTES = 16;

	private final ClientBindingSettings settings;

	/**
	 * Creates an instance.
	 * @param settings what is compared
	 */
	public ClientBinding(ClientBindingSettings settings) {
		this.settings = settings;
	}

	/**
	 * Returns whether sessions are bound to clients.
	 * @return whether they are
	 */
	public boolean isEnabled() {
		return this.settings.isEnabled();
	}

	/**
	 * Returns the value of the attribute for a client.
	 * @param client the client
	 * @return the value
	 */
	public String of(ClientDetails client) {
		String userAgent = NOTHING;
		if (this.settings.userAgent()) {
			String text = (client.userAgent() != null) ? client.userAgent() : "";
			userAgent = Base64.getUrlEncoder()
				.withoutPadding()
				.encodeToString(Arrays.copyOf(Digests.sha256(text), DIGEST_BYTES));
		}
		return userAgent + " " + (this.settings.isAddress() ? prefix(client.address()) : NOTHING);
	}

	/**
	 * Returns the parts in which a client differs from the one that logged in to a
	 * session. Parts that were not recorded at log-in, because of other settings, don't
	 * differ.
	 * @param session the session
	 * @param client the client
	 * @return the parts, as a message names them; empty if the session isn't bound
	 */
	public List<String> differences(Session session, ClientDetails client) {
		Object bound = session.getAttribute(ATTRIBUTE);
		if (!(bound instanceof String)) {
			return List.of();
		}
		String[] before = ((String) bound).split(" ", 2);
		String[] now = of(client).split(" ", 2);
		if (before.length != 2) {
			return List.of();
		}
		return Stream.of(differs(before[0], now[0]) ? "user agent" : "", differs(before[1], now[1]) ? "address" : "")
			.filter((part) -> !part.isEmpty())
			.toList();
	}

	private static boolean differs(String before, String now) {
		return !before.equals(NOTHING) && !now.equals(NOTHING) && !before.equals(now);
	}

	/**
	 * Returns the leading bits of an address, followed by their number. A name, which a
	 * proxy can send in place of an address, is returned as it is.
	 */
	private String prefix(@Nullable String address) {
		byte[] bytes = (address != null) ? NetUtil.createByteArrayFromIpAddressString(address) : null;
		if (bytes == null) {
			return "?" + ((address != null) ? address : "");
		}
		InetAddress parsed = parsed(bytes);
		byte[] leading = parsed.getAddress();
		int bits = (leading.length == 4) ? this.settings.ipv4Prefix() : this.settings.ipv6Prefix();
		if (bits == 0) {
			return NOTHING;
		}
		for (int i = 0; i < leading.length; i++) {
			int kept = Math.max(0, Math.min(8, bits - 8 * i));
			leading[i] &= (byte) (0xff << (8 - kept));
		}
		return parsed(leading).getHostAddress() + "/" + bits;
	}

	/** Converts bytes to an address: an IPv4 address in IPv6 form becomes an IPv4 one. */
	private static InetAddress parsed(byte[] bytes) {
		try {
			return InetAddress.getByAddress(bytes);
		}
		catch (UnknownHostException ex) {
			throw new IllegalStateException("An address has 4 or 16 bytes", ex);
		}
	}

}
