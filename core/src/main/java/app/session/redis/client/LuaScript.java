package app.session.redis.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;

import app.session.redis.codec.Digests;

/**
 * The scripts of the store. Each has its own file, which documents its keys, arguments,
 * result and cost.
 */
public enum LuaScript {

	LOAD(false), CREATE(true), SAVE("save-attributes"), DELETE(true), DESCRIBE(true), CLAIM(true), RENEW(true),
	FINISH(true), HINT(false), DUE(false), INDEX(false), REMOVE(false), LEASE(false), RELEASE(false), PROBE(false),
	LOOK(true), LOCK(true, true), UNLOCK(false), EXTEND(false), ABANDON(false), ADOPT(false), FOREIGN(false),
	RESERVE(false), ADMIT(false), STATE(false), ALIVE(true), ENDED(true), CONTAINS(false), ENTRIES(true);

	@SuppressWarnings("ImmutableEnumChecker") // read only by the sender
	private final byte[] source;

	@SuppressWarnings("ImmutableEnumChecker") // likewise
	private final byte[] digest;

	LuaScript(boolean onSession) {
		this(onSession, false);
	}

	/**
	 * Assembles a script.
	 * @param onSession whether it uses the functions of {@code session.lua}
	 * @param loads whether it calls {@code load.lua}, with tables of keys and arguments
	 */
	LuaScript(boolean onSession, boolean loads) {
		byte[] body = read(name().toLowerCase(Locale.ROOT));
		if (loads) {
			byte[] function = concat(bytes("local function load(KEYS, ARGV)\n"), read("load"));
			body = concat(concat(function, bytes("\nend\n")), body);
		}
		this.source = onSession ? concat(read("session"), body) : body;
		this.digest = digest(this.source);
	}

	/**
	 * Assembles a script that uses the functions of {@code session.lua}.
	 * @param first the script of a frequent case, which precedes these functions
	 */
	LuaScript(String first) {
		this.source = concat(read(first), concat(read("session"), read(name().toLowerCase(Locale.ROOT))));
		this.digest = digest(this.source);
	}

	private static byte[] digest(byte[] source) {
		return bytes(HexFormat.of().formatHex(Digests.of("SHA-1").digest(source)));
	}

	public byte[] source() {
		return this.source;
	}

	/** Returns the digest that {@code EVALSHA} takes. */
	byte[] digest() {
		return this.digest;
	}

	private static byte[] read(String name) {
		String file = name + ".lua";
		try (InputStream in = LuaScript.class.getResourceAsStream(file)) {
			if (in == null) {
				throw new IllegalStateException("The script " + file + " is missing next to "
						+ LuaScript.class.getName() + ". In a native image, the scripts must be included as resources");
			}
			return in.readAllBytes();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.US_ASCII);
	}

	private static byte[] concat(byte[] first, byte[] second) {
		byte[] result = new byte[first.length + second.length];
		System.arraycopy(first, 0, result, 0, first.length);
		System.arraycopy(second, 0, result, first.length, second.length);
		return result;
	}

}
