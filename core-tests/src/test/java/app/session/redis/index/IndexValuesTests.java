package app.session.redis.index;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import app.session.redis.codec.EncryptionKeys;
import app.session.redis.store.IndexEntry;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class IndexValuesTests {

	private static final Map<String, byte[]> KEYS = keys();

	private final IndexValues plain = new IndexValues(null);

	private final IndexValues encrypted = new IndexValues(new EncryptionKeys(KEYS, "k1"));

	private final IndexValues rotated = new IndexValues(new EncryptionKeys(KEYS, "k2"));

	private final IndexValues switchedOff = new IndexValues(new EncryptionKeys(KEYS, null));

	private static Map<String, byte[]> keys() {
		Map<String, byte[]> keys = new LinkedHashMap<>();
		keys.put("k1", new byte[32]);
		keys.put("k2", "another key, of 32 bytes exactly".getBytes(StandardCharsets.UTF_8));
		return keys;
	}

	@Test
	void withoutKeysAValueStandsThereAsItIs() {
		assertThat(this.plain.entry("tenant", "alice")).isEqualTo(new IndexEntry("tenant", "alice"));
		assertThat(this.plain.entries("tenant", "alice")).containsExactly(new IndexEntry("tenant", "alice"));
		assertThat(this.plain.mayDiffer()).isFalse();
		assertThat(this.switchedOff.entry("tenant", "alice")).isEqualTo(new IndexEntry("tenant", "alice"));
	}

	@Test
	void withAKeyItsDigestDoes() {
		IndexEntry entry = this.encrypted.entry("tenant", "alice");
		assertThat(entry.name()).isEqualTo("tenant");
		assertThat(entry.value()).matches("~k1:[A-Za-z0-9_-]{22}");
		assertThat(this.encrypted.entry("tenant", "alice")).isEqualTo(entry);
		assertThat(this.encrypted.entry("tenant", "bob")).isNotEqualTo(entry);
		assertThat(this.encrypted.entry("role", "alice").value()).isNotEqualTo(entry.value());
		assertThat(this.rotated.entry("tenant", "alice").value().substring(4)).isNotEqualTo(entry.value().substring(4));
	}

	@Test
	void valuesThatUtf8CannotHold_stayDistinctAndCanBeRestored() {
		List<String> values = List.of("a\ud800", "a\ud801", "a\udc00", "a?", "a\uffff", "a\uffffd800",
				"\ud800\ud83d\ude00", "~\ud800", "~~\ud800", "\uffff", "\ud83d\ude00");
		for (IndexValues form : List.of(this.plain, this.encrypted)) {
			assertThat(values.stream()
				.map((value) -> new String(form.entry("tenant", value).value().getBytes(StandardCharsets.UTF_8),
						StandardCharsets.UTF_8)))
				.doesNotHaveDuplicates();
		}
		assertThat(values).allSatisfy(
				(value) -> assertThat(IndexValues.original(this.plain.entry("tenant", value))).isEqualTo(value));
		assertThat(this.plain.entry("tenant", "\ud83d\ude00").value()).isEqualTo("\ud83d\ude00");
	}

	@Test
	void everyFormIsSearched() {
		List<IndexEntry> all = List.of(this.plain.entry("tenant", "alice"), this.encrypted.entry("tenant", "alice"),
				this.rotated.entry("tenant", "alice"));
		for (IndexValues values : List.of(this.encrypted, this.rotated, this.switchedOff)) {
			assertThat(values.entries("tenant", "alice")).containsExactlyInAnyOrderElementsOf(all)
				.startsWith(values.entry("tenant", "alice"));
		}
	}

	@Test
	void aNameThatIsTheDigestOfAnotherOneIsNotAccepted() {
		String digest = this.encrypted.entry("tenant", "alice").value();
		for (IndexValues values : List.of(this.plain, this.encrypted, this.rotated, this.switchedOff)) {
			assertThat(values.entries("tenant", digest)).isNotEmpty()
				.doesNotContain(this.encrypted.entry("tenant", "alice"));
		}
		assertThat(this.plain.entry("tenant", "~")).isNotEqualTo(this.plain.entry("tenant", "~~"));
	}

	@Test
	void anEntryOfAnotherFormIsKnownByIt() {
		List<IndexEntry> plain = List.of(this.plain.entry("tenant", "~alice"));
		List<IndexEntry> encrypted = List.of(this.encrypted.entry("tenant", "~alice"));
		assertThat(this.encrypted.areCurrent(encrypted)).isTrue();
		assertThat(this.encrypted.areCurrent(plain)).isFalse();
		assertThat(this.rotated.areCurrent(encrypted)).isFalse();
		assertThat(this.switchedOff.areCurrent(encrypted)).isFalse();
		assertThat(this.switchedOff.areCurrent(plain)).isTrue();
		assertThat(this.encrypted.renew(plain.get(0))).isEqualTo(encrypted.get(0));
		assertThat(this.rotated.renew(encrypted.get(0))).isEqualTo(encrypted.get(0));
		assertThat(this.switchedOff.renew(plain.get(0))).isEqualTo(plain.get(0));
	}

}
