package app.session.redis.codec;

import java.util.List;
import java.util.Set;

import app.session.redis.OptionNames;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.serializer.RedisSerializer;

/**
 * Builds a {@link ValueCodec}.
 */
public final class ValueCodecBuilder {

	@Nullable ClassLoader classLoader;

	AllowedTypes allowedTypes = new AllowedTypes(List.of());

	TypeCheck typeCheck = TypeCheck.ENFORCE;

	ValueForm form = ValueForm.JDK;

	Set<ValueForm> readForms = Set.of();

	@Nullable RedisSerializer<Object> custom;

	CompressionAlgorithm compression = CompressionAlgorithm.NONE;

	int threshold;

	@Nullable EncryptionKeys keys;

	OptionNames optionNames = OptionNames.METHODS;

	ValueCodecBuilder() {
	}

	/**
	 * Sets the class loader for classes of stored objects. Defaults to the thread's class
	 * loader.
	 * @param classLoader the class loader, or null for the default
	 * @return this
	 */
	public ValueCodecBuilder classLoader(@Nullable ClassLoader classLoader) {
		this.classLoader = classLoader;
		return this;
	}

	/**
	 * Sets the types that may be stored. Defaults to the built-in types.
	 * @param allowedTypes the types
	 * @return this
	 */
	public ValueCodecBuilder allowedTypes(AllowedTypes allowedTypes) {
		this.allowedTypes = allowedTypes;
		return this;
	}

	/**
	 * Sets how types that are not allowed are handled. Defaults to
	 * {@link TypeCheck#ENFORCE}.
	 * @param typeCheck the type check
	 * @return this
	 */
	public ValueCodecBuilder typeCheck(TypeCheck typeCheck) {
		this.typeCheck = typeCheck;
		return this;
	}

	/**
	 * Sets the form in which values are written. Defaults to {@link ValueForm#JDK}.
	 * @param form the form
	 * @return this
	 */
	public ValueCodecBuilder form(ValueForm form) {
		this.form = form;
		return this;
	}

	/**
	 * Sets the forms that are read in addition to the form that is written. Text and
	 * compressed values are always read. Defaults to none, so that write access to Redis
	 * is not enough to choose the deserializer that runs.
	 * @param forms the forms
	 * @return this
	 */
	public ValueCodecBuilder readForms(Set<ValueForm> forms) {
		this.readForms = forms;
		return this;
	}

	/**
	 * Sets a serializer that is used for all values instead, including strings. It is
	 * responsible for what it reads: the allowed types don't apply to it.
	 * @param serializer the application's own serializer, or null for none
	 * @return this
	 */
	public ValueCodecBuilder serializer(@Nullable RedisSerializer<Object> serializer) {
		this.custom = serializer;
		return this;
	}

	/**
	 * Sets the compression of values. Defaults to none.
	 * @param algorithm the algorithm
	 * @param threshold the size in bytes from which values are compressed
	 * @return this
	 */
	public ValueCodecBuilder compression(CompressionAlgorithm algorithm, int threshold) {
		this.compression = algorithm;
		this.threshold = threshold;
		return this;
	}

	/**
	 * Sets the keys with which values are or were encrypted. Defaults to none.
	 * @param keys the keys, or null for none
	 * @return this
	 */
	public ValueCodecBuilder encryption(@Nullable EncryptionKeys keys) {
		this.keys = keys;
		return this;
	}

	/**
	 * Sets the names of options in messages. Defaults to {@link OptionNames#METHODS}.
	 * @param optionNames the names
	 * @return this
	 */
	public ValueCodecBuilder optionNames(OptionNames optionNames) {
		this.optionNames = optionNames;
		return this;
	}

	/**
	 * Creates the codec.
	 * @return the codec
	 * @throws IllegalStateException if a required library is missing or too old to be
	 * safe
	 */
	public ValueCodec build() {
		return new ValueCodec(this);
	}

}
