package app.session.redis.autoconfigure.values;

import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

import app.session.redis.autoconfigure.properties.RedisSessionConfigurationException;
import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import app.session.redis.autoconfigure.properties.RedisSessionProperties.Encryption;
import app.session.redis.codec.EncryptionKeys;
import app.session.redis.codec.TypeCheck;
import org.jspecify.annotations.Nullable;

/**
 * Creates the encryption keys from the properties. No message contains a key.
 */
public final class EncryptionKeysFactory {

	private static final String PREFIX = "app.session.redis.encryption.";

	private EncryptionKeysFactory() {
	}

	/**
	 * Returns the keys, or null if there are none. They decrypt, and also encrypt if
	 * encryption is enabled. If types that are not allowed are stored without encryption,
	 * the keys authenticate the values.
	 * @param properties the properties of the application
	 * @return the keys, or null if there are none
	 */
	public static @Nullable EncryptionKeys keys(RedisSessionProperties properties) {
		Encryption encryption = properties.encryption();
		Map<String, byte[]> keys = new LinkedHashMap<>();
		encryption.keys().forEach((name, key) -> keys.put(name, decode(name, key)));
		String active = encryption.activeKey();
		if (active != null && !keys.containsKey(active)) {
			throw new RedisSessionConfigurationException(
					"The property '" + PREFIX + "active-key' is '" + active + "', but there is no such key: '" + PREFIX
							+ "keys' contains " + (keys.isEmpty() ? "no keys" : String.join(", ", keys.keySet())) + ".",
					"Set it to the name of a key, or add the key.");
		}
		if (keys.isEmpty()) {
			if (encryption.enabled()) {
				throw new RedisSessionConfigurationException(
						"The property '" + PREFIX + "enabled' is true, but there is no key in '" + PREFIX + "keys'.",
						"Add a key under a name of your choice, such as '" + PREFIX + "keys.k1'. " + howToGenerate());
			}
			return null;
		}
		String first = (active != null) ? active : keys.keySet().iterator().next();
		if (properties.typeCheck() == TypeCheck.WARN && !encryption.enabled()) {
			return EncryptionKeys.authenticating(keys, first);
		}
		return new EncryptionKeys(keys, encryption.enabled() ? first : null);
	}

	private static byte[] decode(String name, String text) {
		if (!EncryptionKeys.isName(name)) {
			throw new RedisSessionConfigurationException(
					"The property '" + PREFIX + "keys' contains a key named '" + name + "', which is not a valid name.",
					"Use up to 64 letters, digits, dots, hyphens and underscores.");
		}
		byte[] key;
		try {
			key = Base64.getDecoder().decode(text.strip());
		}
		catch (IllegalArgumentException ex) {
			// Not passed as the cause, since its message contains a part of the key
			throw new RedisSessionConfigurationException(
					"The property '" + PREFIX + "keys." + name + "' is not valid Base64 (standard alphabet).",
					howToGenerate());
		}
		if (key.length != EncryptionKeys.KEY_BYTES) {
			throw new RedisSessionConfigurationException("The property '" + PREFIX + "keys." + name + "' decodes to "
					+ key.length + " bytes, but a key must have " + EncryptionKeys.KEY_BYTES + ".", howToGenerate());
		}
		return key;
	}

	private static String howToGenerate() {
		return "'openssl rand -base64 " + EncryptionKeys.KEY_BYTES + "' generates one.";
	}

}
