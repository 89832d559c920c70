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
	 * Sets where classes of stored objects come from. Default: the thread's class loader.
	 * @param classLoader the class loader, or null for the default
	 * @return this
	 */
	public ValueCodecBuilder classLoader(@Nullable ClassLoader classLoader) {
		this.classLoader = classLoader;
		return this;
	}

	/**
	 * Sets which types may be stored. Default: those that are built in.
	 * @param allowedTypes the types
	 * @return this
	 */
	public ValueCodecBuilder allowedTypes(AllowedTypes allowedTypes) {
		this.allowedTypes = allowedTypes;
		return this;
	}

	/**
	 * Sets what becomes of other types. Default: {@link TypeCheck#ENFORCE}.
	 * @param typeCheck the answer
	 * @return this
	 */
	public ValueCodecBuilder typeCheck(TypeCheck typeCheck) {
		this.typeCheck = typeCheck;
		return this;
	}

	/**
	 * Sets how values are written. Default: {@link ValueForm#JDK}.
	 * @param form the form
	 * @return this
	 */
	public ValueCodecBuilder form(ValueForm form) {
		this.form = form;
		return this;
	}

	/**
	 * Sets which forms are read in addition to the one that is written. Text and
	 * compressed values are always read. Default: none, so that write access to Redis is
	 * not enough to choose the deserializer that runs.
	 * @param forms the forms
	 * @return this
	 */
	public ValueCodecBuilder readForms(Set<ValueForm> forms) {
		this.readForms = forms;
		return this;
	}

	/**
	 * Sets what writes values instead, strings included. What it reads is its own
	 * responsibility: the allowed types don't concern it.
	 * @param serializer the application's own serializer, or null for none
	 * @return this
	 */
	public ValueCodecBuilder serializer(@Nullable RedisSerializer<Object> serializer) {
		this.custom = serializer;
		return this;
	}

	/**
	 * Sets how values are made smaller. Default: not at all.
	 * @param algorithm the algorithm
	 * @param threshold from how many bytes on
	 * @return this
	 */
	public ValueCodecBuilder compression(CompressionAlgorithm algorithm, int threshold) {
		this.compression = algorithm;
		this.threshold = threshold;
		return this;
	}

	/**
	 * Sets the keys that values are encrypted with, or were. Default: none.
	 * @param keys the keys, or null for none
	 * @return this
	 */
	public ValueCodecBuilder encryption(@Nullable EncryptionKeys keys) {
		this.keys = keys;
		return this;
	}

	/**
	 * Sets how messages name the options that they advise to change. Default:
	 * {@link OptionNames#METHODS}.
	 * @param optionNames the names
	 * @return this
	 */
	public ValueCodecBuilder optionNames(OptionNames optionNames) {
		this.optionNames = optionNames;
		return this;
	}

	/**
	 * Makes the codec.
	 * @return the codec
	 * @throws IllegalStateException if a library that it needs isn't there, or is too old
	 * to be safe
	 */
	public ValueCodec build() {
		return new ValueCodec(this);
	}

}
