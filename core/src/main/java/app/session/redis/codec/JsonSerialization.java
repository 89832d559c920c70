package app.session.redis.codec;

import java.io.ByteArrayOutputStream;
import java.util.List;

import app.session.redis.Option;
import app.session.redis.OptionNames;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.cfg.MapperBuilder;
import tools.jackson.databind.cfg.PackageVersion;
import tools.jackson.databind.deser.DeserializationProblemHandler;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

import org.springframework.util.ClassUtils;

/**
 * JSON serialization with Jackson, including the modules of Spring Security and those on
 * the class path, such as Kotlin's. Objects of types that aren't final are written with
 * their class names, and only allowed types are read.
 */
final class JsonSerialization {

	/**
	 * A collection takes two levels, since its class name is written next to its content.
	 */
	private static final int MAX_DEPTH = 2 * ValueInputStream.MAX_DEPTH;

	private final JsonFactory factory;

	private final OptionNames optionNames;

	private final JsonFailure failures;

	private final StateFields fields;

	private final ObjectWriter writer;

	private final ObjectReader reader;

	/**
	 * Fails on properties that would be lost. The other reader ignores them, since
	 * classes change.
	 */
	private final ObjectReader strictReader;

	private JsonSerialization(JsonMapper mapper, JsonFactory factory, JsonTypes types, OptionNames optionNames) {
		this.factory = factory;
		this.optionNames = optionNames;
		this.failures = new JsonFailure(types);
		this.fields = new StateFields(mapper.serializationConfig());
		// As Object, so that the class of the value is written
		this.writer = mapper.writerFor(Object.class);
		this.reader = mapper.readerFor(Object.class);
		this.strictReader = this.reader.with(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
			.withHandler(new ComputedProperties());
	}

	/**
	 * Returns whether Jackson is on the class path.
	 */
	static boolean isPresent() {
		return ClassUtils.isPresent("tools.jackson.databind.json.JsonMapper", ValueCodec.class.getClassLoader());
	}

	/**
	 * Creates the serialization.
	 * @throws IllegalStateException if Jackson is not on the class path, or is too old
	 */
	static JsonSerialization of(AllowedTypes allowedTypes, OptionNames optionNames, @Nullable ClassLoader classLoader) {
		if (!isPresent()) {
			throw new IllegalStateException("Values can't be written or read as JSON: "
					+ "tools.jackson.core:jackson-databind is not on the class path. Add it, or store values "
					+ "with Java serialization (" + optionNames.setting(Option.SERIALIZER, ValueForm.JDK) + ")");
		}
		JacksonVersion.require(PackageVersion.VERSION, optionNames);
		return ofAnyJackson(allowedTypes, optionNames, classLoader);
	}

	/**
	 * Creates the serialization without checking the Jackson release, for tests with old
	 * releases.
	 */
	static JsonSerialization ofAnyJackson(AllowedTypes allowedTypes, OptionNames optionNames,
			@Nullable ClassLoader classLoader) {
		JsonTypes types = new JsonTypes(allowedTypes, optionNames);
		ClassLoader loader = (classLoader != null) ? classLoader : ClassUtils.getDefaultClassLoader();
		JsonFactory factory = JsonFactory.builder()
			.streamReadConstraints(StreamReadConstraints.builder()
				.maxNestingDepth(MAX_DEPTH)
				.maxStringLength(ValueCodec.MAX_BYTES)
				.build())
			.build();
		JsonMapper.Builder builder = JsonMapper.builder(factory);
		builder.typeFactory(new AllowedTypeFactory(types, loader));
		builder.addModules(MapperBuilder.findModules(loader));
		if (isPresent("org.springframework.security.jackson.SecurityJacksonModules", loader)) {
			builder.addModules(SecurityModules.get(loader));
			builder.addMixIn(org.springframework.security.core.AuthenticationException.class,
					AuthenticationExceptionMixin.class);
		}
		if (isPresent("org.springframework.web.servlet.FlashMap", loader)) {
			builder.addModule(FlashMapJson.module());
		}
		if (isPresent("org.springframework.validation.BeanPropertyBindingResult", loader)) {
			builder.addModule(BindingJson.module());
		}
		builder.addModule(NetworkJson.module());
		builder.addModule(JdkValuesJson.module(loader));
		builder.addModule(new Settings(types));
		return new JsonSerialization(builder.build(), factory, types, optionNames);
	}

	private static boolean isPresent(String className, @Nullable ClassLoader classLoader) {
		return ClassUtils.isPresent(className, classLoader)
				&& ClassUtils.isPresent(className, JsonSerialization.class.getClassLoader());
	}

	/**
	 * Writes a value.
	 * @param form the first byte
	 * @param value the value
	 * @param toStore whether to read the result, and reject values that can't be read or
	 * have changed
	 * @throws IllegalArgumentException if it can't be stored
	 */
	byte[] write(byte form, Object value, boolean toStore) {
		ByteArrayOutputStream out = new BoundedOutput();
		out.write(form);
		try {
			this.writer.writeValue(out, value);
		}
		catch (RuntimeException | LinkageError | StackOverflowError ex) {
			throw refusal(value, "can't be written as JSON: ", ex);
		}
		byte[] bytes = out.toByteArray();
		if (toStore) {
			requireReadable(value, bytes);
		}
		return bytes;
	}

	private void requireReadable(Object value, byte[] bytes) {
		String difference;
		JsonReading reading = new JsonReading();
		try {
			Object read = read(this.strictReader, reading, bytes);
			difference = (read != null) ? ValueComparison.difference(value, read, this.fields) : "it becomes null";
		}
		catch (RuntimeException | LinkageError | StackOverflowError ex) {
			throw refusal(value, "can't be stored, because its JSON can't be read back: ", ex);
		}
		finally {
			reading.end();
		}
		if (difference != null) {
			throw new IllegalArgumentException(
					refused(value) + "can't be stored, because JSON would change it: " + difference + otherForm());
		}
	}

	private IllegalArgumentException refusal(Object value, String problem, Throwable failure) {
		return new IllegalArgumentException(refused(value) + problem + this.failures.describe(failure)
				+ (JsonFailure.isRefusedType(failure) ? "" : otherForm()), failure);
	}

	private static String refused(Object value) {
		return "A session attribute of type " + AllowedTypes.printable(value.getClass().getName()) + " ";
	}

	private String otherForm() {
		return ". Use another value there, or store values with Java serialization ("
				+ this.optionNames.setting(Option.SERIALIZER, ValueForm.JDK) + ")";
	}

	/**
	 * Reads a value.
	 * @param bytes the form and the written value
	 * @throws UnreadableValueException if it contains rejected content; other exceptions
	 * are thrown if it is damaged or classes have changed
	 */
	Object read(byte[] bytes) {
		Object value;
		JsonReading reading = new JsonReading();
		try {
			value = read(this.reader, reading, bytes);
		}
		catch (RuntimeException ex) {
			if (!JsonFailure.isRefusal(ex)) {
				throw ex;
			}
			throw new UnreadableValueException("It can't be read as JSON: " + this.failures.describe(ex), ex);
		}
		finally {
			reading.end();
		}
		if (value == null) {
			throw new UnreadableValueException("It is empty", null);
		}
		return value;
	}

	/** Reads the bytes after the first byte. */
	private @Nullable Object read(ObjectReader reader, JsonReading reading, byte[] bytes) {
		JsonBudget.require(this.factory, bytes, 1, bytes.length - 1);
		return reading.with(reader).readValue(bytes, 1, bytes.length - 1);
	}

	/**
	 * Limits the size, since an object that occurs in several places is written in each
	 * of them.
	 */
	private static final class BoundedOutput extends ByteArrayOutputStream {

		@Override
		public synchronized void write(byte[] bytes, int offset, int length) {
			if (length > ValueCodec.MAX_BYTES + 1 - size()) {
				throw new UnstorableValueException("it has more than " + ValueCodec.MAX_BYTES + " bytes");
			}
			super.write(bytes, offset, length);
		}

	}

	/** A separate class, since Spring Security may be absent. */
	private static final class SecurityModules {

		private SecurityModules() {
		}

		static List<JacksonModule> get(@Nullable ClassLoader classLoader) {
			return org.springframework.security.jackson.SecurityJacksonModules
				.getModules((classLoader != null) ? classLoader : JsonSerialization.class.getClassLoader());
		}

	}

	/**
	 * Ignores unknown properties of types of Spring and the JDK, which write computed
	 * properties that they don't read.
	 */
	private static final class ComputedProperties extends DeserializationProblemHandler {

		@Override
		public boolean handleUnknownProperty(DeserializationContext context, JsonParser parser,
				ValueDeserializer<?> deserializer, Object beanOrClass, String propertyName) {
			Class<?> type = (beanOrClass instanceof Class<?> known) ? known : beanOrClass.getClass();
			if (FieldsAreState.isOfApplication(type)) {
				return false;
			}
			parser.skipChildren();
			return true;
		}

	}

	/**
	 * Settings that override those of other modules and are therefore applied last:
	 * Spring Security's modules bring their own allow-list and format of times.
	 */
	private static final class Settings extends SimpleModule {

		private static final long serialVersionUID = 1L;

		private final transient JsonTypes types;

		Settings(JsonTypes types) {
			super("app.session.redis");
			this.types = types;
		}

		@Override
		public void setupModule(SetupContext context) {
			super.setupModule(context);
			AllowedDeserializers allowed = new AllowedDeserializers(this.types);
			context.addSerializers(new JsonNodeJson.Writing());
			context.addSerializers(new ThrowableJson.Writing(this.types));
			context.addDeserializers(new JdkCollections());
			context.addDeserializers(new ThrowableJson.Reading());
			context.addDeserializers(allowed);
			context.addKeyDeserializers(allowed);
			context.addSerializerModifier(CollectionJson.serializers());
			context.addSerializerModifier(MapJson.serializers());
			context.addDeserializerModifier(SharedObjects.modifier());
			context.addDeserializerModifier(CollectionJson.deserializers());
			context.addDeserializerModifier(MapJson.deserializers());
			AllowedTypesValidator validator = new AllowedTypesValidator(this.types);
			MapperBuilder<?, ?> builder = (MapperBuilder<?, ?>) context.getOwner();
			builder.disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT);
			builder.disable(EnumFeature.WRITE_ENUMS_USING_TO_STRING, EnumFeature.READ_ENUMS_USING_TO_STRING);
			builder.polymorphicTypeValidator(validator);
			builder.setDefaultTyping(new JsonTypeNames(validator));
			builder.disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS,
					DateTimeFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE,
					DateTimeFeature.WRITE_DATES_WITH_CONTEXT_TIME_ZONE, DateTimeFeature.NORMALIZE_DESERIALIZED_ZONE_ID);
			builder.enable(DateTimeFeature.WRITE_DATES_WITH_ZONE_ID);
			builder.enable(MapperFeature.ALLOW_FINAL_FIELDS_AS_MUTATORS);
			context.insertAnnotationIntrospector(new FieldsAreState());
		}

	}

}
