package app.session.redis.settings;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

import app.session.redis.SessionId;
import app.session.redis.codec.CompressionAlgorithm;
import app.session.redis.codec.EncryptionKeys;
import app.session.redis.codec.TypeCheck;
import app.session.redis.codec.TypeRefusedException;
import app.session.redis.codec.ValueForm;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.serializer.RedisSerializer;
import org.springframework.session.IndexResolver;
import org.springframework.session.Session;
import org.springframework.session.SessionIdGenerator;

/**
 * The options of {@link SessionSettingsBuilder} for the ids and the contents of sessions:
 * values, their types, seals, and indexes.
 */
public abstract sealed class ContentSettingsBuilder permits SessionSettingsBuilder {

	private boolean protectIds = true;

	private int idBytes = Defaults.ID_BYTES;

	private @Nullable SessionIdGenerator idGenerator;

	private Duration idOverlap = Duration.ofSeconds(Defaults.ID_OVERLAP_SECONDS);

	private @Nullable RedisSerializer<Object> serializer;

	private ValueForm valueForm = ValueForm.JDK;

	private Set<ValueForm> readForms = Set.of();

	private AttributeConversion conversion = AttributeConversion.NONE;

	private CompressionAlgorithm compression = Defaults.constant(CompressionAlgorithm.class, Defaults.COMPRESSION);

	private int compressionThreshold = Defaults.COMPRESSION_THRESHOLD_KB * 1024;

	private OnUnreadable onUnreadable = Defaults.constant(OnUnreadable.class, Defaults.ON_UNREADABLE);

	private List<String> allowedTypes = List.of();

	private List<String> allowedLambdas = List.of();

	private TypeCheck typeCheck = Defaults.constant(TypeCheck.class, Defaults.TYPE_CHECK);

	private @Nullable EncryptionKeys encryptionKeys;

	private @Nullable Instant acceptPlainUntil;

	private @Nullable IndexResolver<Session> indexResolver;

	private final List<AttributeIndexResolver> attributeIndexResolvers = new ArrayList<>();

	private List<String> indexedAttributes = List.of();

	ContentSettingsBuilder() {
	}

	/**
	 * Sets whether Redis holds only digests of session ids, so that read access to Redis
	 * is not enough to take over a session. Default: true.
	 * @param protectIds whether ids are protected
	 * @return this builder
	 */
	public SessionSettingsBuilder protectIds(boolean protectIds) {
		this.protectIds = protectIds;
		return self();
	}

	/**
	 * Sets the number of random bytes in the secret of a session id. Default: 32.
	 * @param idBytes the number of bytes, from 16 to 192
	 * @return this builder
	 */
	public SessionSettingsBuilder idBytes(int idBytes) {
		this.idBytes = idBytes;
		return self();
	}

	/**
	 * Sets the generator of the secrets of session ids. Generates one id, which is
	 * checked and not used, so that an unsuitable generator fails here rather than with
	 * each new session. Default: none, secrets are random.
	 * @param generator the generator, whose ids must have 16 to 256 characters out of
	 * {@code A-Z a-z 0-9 . _ ~ -}
	 * @return this builder
	 * @throws IllegalStateException if the generated id is unsuitable; the message names
	 * the type of the generator
	 */
	public SessionSettingsBuilder idGenerator(SessionIdGenerator generator) {
		SessionId.checkSecret(generator.generate(), generator.getClass());
		this.idGenerator = generator;
		return self();
	}

	/**
	 * Sets how long after a change of a session's id the attributes of a request that was
	 * already running are still saved, if it belongs to the same logged-in user. The old
	 * id itself is invalid at once. Default: 30 seconds.
	 * @param idOverlap the time, at most 5 minutes; zero to discard these changes
	 * @return this builder
	 */
	public SessionSettingsBuilder idOverlap(Duration idOverlap) {
		this.idOverlap = idOverlap;
		return self();
	}

	/**
	 * Sets how attributes that can't be read are treated. Default:
	 * {@link OnUnreadable#DROP_ATTRIBUTE}.
	 * @param onUnreadable the treatment
	 * @return this builder
	 */
	public SessionSettingsBuilder onUnreadable(OnUnreadable onUnreadable) {
		this.onUnreadable = onUnreadable;
		return self();
	}

	/**
	 * Sets the serializer of attributes, which replaces the built-in ones. The allowed
	 * types don't apply to it: it must itself restrict the types that it creates.
	 * Default: none.
	 * @param serializer the serializer
	 * @return this builder
	 */
	public SessionSettingsBuilder serializer(RedisSerializer<Object> serializer) {
		this.serializer = serializer;
		return self();
	}

	/**
	 * Sets the form in which attributes are written, unless a {@linkplain #serializer
	 * serializer} is set. Default: {@link ValueForm#JDK}.
	 * @param form the form
	 * @return this builder
	 * @see #readForms
	 */
	public SessionSettingsBuilder valueForm(ValueForm form) {
		this.valueForm = form;
		return self();
	}

	/**
	 * Sets the forms that are read in addition to the form that is written. Write access
	 * to Redis is enough to run the deserializers of all of them. To change the form
	 * while sessions live, first set both forms here on every node. Default: none.
	 * @param forms the forms
	 * @return this builder
	 */
	public SessionSettingsBuilder readForms(Collection<ValueForm> forms) {
		this.readForms = Set.copyOf(forms);
		return self();
	}

	/**
	 * Sets how values are converted before they are serialized and after they are
	 * deserialized. Destruction callbacks of session-scoped beans are never stored,
	 * whatever the conversion returns for them. Default:
	 * {@link AttributeConversion#NONE}.
	 * @param conversion the conversion
	 * @return this builder
	 */
	public SessionSettingsBuilder attributeConversion(AttributeConversion conversion) {
		this.conversion = conversion;
		return self();
	}

	/**
	 * Sets the types that may be stored in addition to the JDK's value types and the
	 * types that Spring and widely used libraries put into sessions. Other types are
	 * refused: on saving with a {@link TypeRefusedException} that names all of them, and
	 * on reading. Types that are known to run code when they are deserialized are refused
	 * even if they are listed here. Default: none; the application's own types must be
	 * listed.
	 * @param names the names of classes, and of packages, which include their subpackages
	 * @return this builder
	 */
	public SessionSettingsBuilder allowedTypes(Collection<String> names) {
		this.allowedTypes = List.copyOf(names);
		return self();
	}

	/**
	 * Sets the classes whose serializable lambdas and method references may be stored.
	 * Write access to Redis is then enough to call each of them with arguments of allowed
	 * types, so list as few as possible, and only if a framework such as Vaadin requires
	 * it. Default: none.
	 * @param names the names of the classes that contain the lambdas, and of packages,
	 * which include their subpackages
	 * @return this builder
	 */
	public SessionSettingsBuilder allowedLambdas(Collection<String> names) {
		this.allowedLambdas = List.copyOf(names);
		return self();
	}

	/**
	 * Sets how types that are not allowed are treated. Storing them requires
	 * {@linkplain #encryptionKeys keys}. Default: {@link TypeCheck#ENFORCE}.
	 * @param typeCheck the treatment
	 * @return this builder
	 */
	public SessionSettingsBuilder typeCheck(TypeCheck typeCheck) {
		this.typeCheck = typeCheck;
		return self();
	}

	/**
	 * Sets how attributes are compressed. Values that were written with another algorithm
	 * or without compression can still be read. Default:
	 * {@link CompressionAlgorithm#NONE}, and 2 KB.
	 * @param algorithm the algorithm
	 * @param threshold the size in bytes from which values are compressed
	 * @return this builder
	 */
	public SessionSettingsBuilder compression(CompressionAlgorithm algorithm, int threshold) {
		this.compression = algorithm;
		this.compressionThreshold = threshold;
		return self();
	}

	/**
	 * Sets the keys with which sessions are or were sealed. If they encrypt, only
	 * sessions that were written with one of them are accepted. Index values are then
	 * stored as digests; sessions are found by the digests of each key and by the plain
	 * values, and the index entries of a session are moved by its next save. A sealed
	 * session stays sealed, even on nodes without an active key. Default: none, sessions
	 * are not sealed.
	 * @param keys the keys; null for none
	 * @return this builder
	 */
	public SessionSettingsBuilder encryptionKeys(@Nullable EncryptionKeys keys) {
		this.encryptionKeys = keys;
		return self();
	}

	/**
	 * Sets until when sessions in plain text are accepted although the keys encrypt, so
	 * that encryption can be enabled while sessions live. Such a session is encrypted by
	 * its next save. Until then, write access to Redis is enough to forge sessions.
	 * Required if sessions are {@linkplain SessionSettingsBuilder#migrateFrom migrated}
	 * and the keys encrypt. Default: null, sessions in plain text are refused.
	 * @param instant the end, at most 30 days ahead; null for never
	 * @return this builder
	 */
	public SessionSettingsBuilder acceptPlainUntil(@Nullable Instant instant) {
		this.acceptPlainUntil = instant;
		return self();
	}

	/**
	 * Sets the resolver of index values by which sessions can be found, in addition to
	 * their principal. If it resolves the principal too, its value is used. Default:
	 * none.
	 * @param resolver the resolver
	 * @return this builder
	 */
	public SessionSettingsBuilder indexResolver(IndexResolver<Session> resolver) {
		this.indexResolver = resolver;
		return self();
	}

	/**
	 * Adds a resolver of index values that depend on some attributes only, so that saves
	 * of other attributes don't call it. Default: none.
	 * @param resolver the resolver
	 * @return this builder
	 */
	public SessionSettingsBuilder addIndexResolver(AttributeIndexResolver resolver) {
		this.attributeIndexResolvers.add(resolver);
		return self();
	}

	/**
	 * Sets the attributes by whose values sessions can be found. If the value is a
	 * collection, the session can be found by each of its elements. Saving a session that
	 * would have more than 5,000 index entries fails with an
	 * {@link IllegalArgumentException}. Default: none.
	 * @param attributes the names of the attributes
	 * @return this builder
	 */
	public SessionSettingsBuilder indexedAttributes(Collection<String> attributes) {
		this.indexedAttributes = List.copyOf(attributes);
		return self();
	}

	ValueSettings values() {
		return new ValueSettings(this.serializer, this.valueForm, this.readForms, this.conversion, this.compression,
				this.compressionThreshold, this.onUnreadable);
	}

	IdSettings ids() {
		return new IdSettings(this.protectIds, this.idBytes, this.idGenerator, this.idOverlap);
	}

	TypeSettings types() {
		return new TypeSettings(this.allowedTypes, this.allowedLambdas, this.typeCheck);
	}

	SealSettings seals() {
		return new SealSettings(this.encryptionKeys, this.acceptPlainUntil);
	}

	IndexSettings indexes() {
		return new IndexSettings(this.indexResolver, this.attributeIndexResolvers, this.indexedAttributes);
	}

	private SessionSettingsBuilder self() {
		return (SessionSettingsBuilder) this;
	}

}
