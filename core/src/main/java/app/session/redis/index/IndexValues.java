package app.session.redis.index;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import app.session.redis.codec.EncryptionKeys;
import app.session.redis.store.IndexEntry;
import org.jspecify.annotations.Nullable;

/**
 * The form of index values in Redis: as they are, or, if values are encrypted, as
 * {@code ~keyName:digest}, so that keys don't reveal the names of principals. Lookups
 * find both forms, whichever is written. A value that itself begins with {@code ~} is
 * prefixed with another {@code ~}, so that no user can choose a name that is mistaken for
 * another user's digest. UTF-8 can't represent an unpaired surrogate and would replace
 * each with the same question mark, so it is written as U+FFFF followed by its four
 * hexadecimal digits, and so is U+FFFF itself.
 */
public final class IndexValues {

	private static final String MARK = "~";

	private static final Pattern ESCAPED = Pattern.compile("\uffff([0-9a-f]{4})");

	private static final char ESCAPE = '\uffff';

	private final @Nullable EncryptionKeys keys;

	/** The prefix of encrypted values in the form that is written. */
	private final @Nullable String current;

	/**
	 * Creates an instance.
	 * @param keys the keys of encrypted values, or null if there are none
	 */
	public IndexValues(@Nullable EncryptionKeys keys) {
		this.keys = keys;
		this.current = (keys != null && keys.encrypts()) ? MARK + keys.active() + ":" : null;
	}

	/**
	 * Returns the entry to write for a value.
	 * @param index the name of the index
	 * @param value the application's value
	 * @return the entry
	 */
	public IndexEntry entry(String index, String value) {
		return (this.keys != null && this.keys.active() != null && this.keys.encrypts())
				? digested(this.keys, this.keys.active(), index, value) : plain(index, value);
	}

	/**
	 * Returns the entries that a value may have, by the current and by earlier settings.
	 * @param index the name of the index
	 * @param value the application's value
	 * @return the entries, beginning with the one to write
	 */
	public List<IndexEntry> entries(String index, String value) {
		if (this.keys == null) {
			return List.of(plain(index, value));
		}
		Set<IndexEntry> entries = new LinkedHashSet<>();
		entries.add(entry(index, value));
		for (String keyName : this.keys.names()) {
			entries.add(digested(this.keys, keyName, index, value));
		}
		entries.add(plain(index, value));
		return new ArrayList<>(entries);
	}

	/**
	 * Checks that values can be read from the entries that are written.
	 * @throws IllegalStateException if they are digests
	 */
	public void requireReadable() {
		if (this.current != null) {
			throw new IllegalStateException("The values of indexes are encrypted, so they can't be listed. "
					+ "Count the sessions of a value that you know instead");
		}
	}

	/**
	 * Returns whether stored entries may have another form than the one that is written.
	 * @return true if there are keys
	 */
	public boolean mayDiffer() {
		return this.keys != null;
	}

	/**
	 * Returns whether entries have the form that is written.
	 * @param entries the stored entries of a session
	 * @return false if any entry must be rewritten
	 */
	public boolean areCurrent(Collection<IndexEntry> entries) {
		return entries.stream().allMatch(this::isCurrent);
	}

	private boolean isCurrent(IndexEntry entry) {
		return (this.current != null) ? entry.value().startsWith(this.current) : isPlain(entry);
	}

	/**
	 * Converts a stored entry to the form that is written. A digest can't be converted.
	 * @param entry a stored entry of a session
	 * @return the entry to write in its place, or the same entry
	 */
	public IndexEntry renew(IndexEntry entry) {
		if (!isPlain(entry) || isCurrent(entry)) {
			return entry;
		}
		String value = original(entry);
		return (value != null) ? entry(entry.name(), value) : entry;
	}

	/**
	 * Returns the application's value of an entry.
	 * @param entry a stored entry of a session
	 * @return the value, or null if the entry is a digest
	 */
	public static @Nullable String original(IndexEntry entry) {
		String value = entry.value();
		if (!value.startsWith(MARK)) {
			return unescape(value);
		}
		return isPlain(entry) ? unescape(value.substring(MARK.length())) : null;
	}

	private static boolean isPlain(IndexEntry entry) {
		return !entry.value().startsWith(MARK) || entry.value().startsWith(MARK + MARK);
	}

	private static IndexEntry plain(String index, String value) {
		String escaped = escape(value);
		return new IndexEntry(index, escaped.startsWith(MARK) ? MARK + escaped : escaped);
	}

	private static IndexEntry digested(EncryptionKeys keys, String keyName, String index, String value) {
		return new IndexEntry(index, MARK + keyName + ":" + keys.indexDigest(keyName, index, escape(value)));
	}

	private static String escape(String value) {
		StringBuilder escaped = null;
		for (int i = 0; i < value.length(); i++) {
			char c = value.charAt(i);
			boolean pair = Character.isHighSurrogate(c) && i + 1 < value.length()
					&& Character.isLowSurrogate(value.charAt(i + 1));
			if (!pair && (Character.isSurrogate(c) || c == ESCAPE)) {
				if (escaped == null) {
					escaped = new StringBuilder(value.length() + 4).append(value, 0, i);
				}
				escaped.append(ESCAPE).append(HexFormat.of().toHexDigits(c));
			}
			else {
				if (escaped != null) {
					escaped.append(value, i, pair ? i + 2 : i + 1);
				}
				i += pair ? 1 : 0;
			}
		}
		return (escaped != null) ? escaped.toString() : value;
	}

	private static String unescape(String value) {
		return ESCAPED.matcher(value)
			.replaceAll((match) -> Matcher
				.quoteReplacement(String.valueOf((char) HexFormat.fromHexDigits(match.group(1)))));
	}

}
