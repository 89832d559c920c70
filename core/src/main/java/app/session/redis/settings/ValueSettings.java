package app.session.redis.settings;

import java.util.Set;

import app.session.redis.codec.CompressionAlgorithm;
import app.session.redis.codec.ValueForm;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.serializer.RedisSerializer;

/**
 * The settings of the serialization of attributes.
 *
 * @param serializer the serializer that replaces the built-in ones; null for none
 * @param form the form in which attributes are written
 * @param readForms the forms that are read in addition to it
 * @param conversion converts values before they are serialized and after they are
 * deserialized
 * @param compression how attributes are compressed
 * @param compressionThreshold the size in bytes from which attributes are compressed
 * @param onUnreadable how attributes that can't be read are treated
 */
public record ValueSettings(@Nullable RedisSerializer<Object> serializer, ValueForm form, Set<ValueForm> readForms,
		AttributeConversion conversion, CompressionAlgorithm compression, int compressionThreshold,
		OnUnreadable onUnreadable) {

	/**
	 * Copies the collections.
	 * @param serializer the serializer that replaces the built-in ones; null for none
	 * @param form the form in which attributes are written
	 * @param readForms the forms that are read in addition to it
	 * @param conversion converts values before they are serialized and after they are
	 * deserialized
	 * @param compression how attributes are compressed
	 * @param compressionThreshold the size in bytes from which attributes are compressed
	 * @param onUnreadable how attributes that can't be read are treated
	 */
	public ValueSettings {
		readForms = Set.copyOf(readForms);
	}

}
