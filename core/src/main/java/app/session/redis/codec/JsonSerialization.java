package app.session.redis.codec;

import java.util.List;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DefaultTyping;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.DeserializationProblemHandler;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.cfg.MapperBuilder;
import tools.jackson.databind.exc.InvalidTypeIdException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.impl.DefaultTypeResolverBuilder;
import tools.jackson.databind.module.SimpleModule;

import com.fasterxml.jackson.annotation.JsonTypeInfo;

import org.springframework.util.ClassUtils;

/**
 * JSON by Jackson, with Spring Security's modules and those that the class path has, as
 * Kotlin's. What isn't final is written with the name of its class, and only allowed
 * types are read.
 */
final class JsonSerialization {

	/** A collection takes two levels: the name of its class stands beside its content. */
	private static final int MAX_DEPTH = 2 * ValueInputStream.MAX_DEPTH;

	private final ObjectWriter writer;

	private final ObjectReader reader;

	/** Fails on what would be lost; the other doesn't, since classes change. */
	private final ObjectReader strictReader;

	private JsonSerialization(JsonMapper mapper) {
		// As what it could be any object of, so that its class is written
		this.writer = mapper.writerFor(Object.class);
		this.reader = mapper.readerFor(Object.class);
		this.strictReader = this.reader.with(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
			.withHandler(new ComputedProperties());
	}

	/**
	 * Whether Jackson is on the class path.
	 */
	static boolean isPresent() {
		return ClassUtils.isPresent("tools.jackson.databind.json.JsonMapper", ValueCodec.class.getClassLoader());
	}

	/**
	 * Creates it.
	 * @throws IllegalStateException if Jackson isn't there
	 */
	static JsonSerialization of(AllowedTypes allowedTypes, @Nullable ClassLoader classLoader) {
		if (!isPresent()) {
			throw new IllegalStateException("Values can't be written or read as JSON: "
					+ "tools.jackson.core:jackson-databind is not on the class path. Add it, or use Java serialization");
		}
		ClassLoader loader = (classLoader != null) ? classLoader : ClassUtils.getDefaultClassLoader();
		JsonFactory factory = JsonFactory.builder()
			.streamReadConstraints(StreamReadConstraints.builder()
				.maxNestingDepth(MAX_DEPTH)
				.maxStringLength(ValueCodec.MAX_BYTES)
				.build())
			.build();
		JsonMapper.Builder builder = JsonMapper.builder(factory);
		builder.typeFactory(builder.typeFactory().withClassLoader(loader));
		builder.addModules(MapperBuilder.findModules(loader));
		if (isPresent("org.springframework.security.jackson.SecurityJacksonModules", loader)) {
			builder.addModules(SecurityModules.get(loader));
			builder.addMixIn(org.springframework.security.core.AuthenticationException.class,
					AuthenticationExceptionMixin.class);
		}
		if (isPresent("org.springframework.web.servlet.FlashMap", loader)) {
			builder.addModule(FlashMapJson.module());
		}
		builder.addModule(new Settings(allowedTypes));
		return new JsonSerialization(builder.build());
	}

	private static boolean isPresent(String className, @Nullable ClassLoader classLoader) {
		return ClassUtils.isPresent(className, classLoader)
				&& ClassUtils.isPresent(className, JsonSerialization.class.getClassLoader());
	}

	/**
	 * Writes a value.
	 * @param form what its first byte is to be
	 * @param value the value
	 * @param toStore whether to try to read it again: that a class can be written doesn't
	 * mean that it can be read
	 */
	byte[] write(byte form, Object value, boolean toStore) {
		byte[] json;
		try {
			json = this.writer.writeValueAsBytes(value);
		}
		catch (JacksonException ex) {
			throw new IllegalArgumentException("A session attribute of type " + value.getClass().getName()
					+ " can't be written as JSON: " + JsonFailure.describe(ex), ex);
		}
		if (toStore) {
			requireReadable(value, json);
		}
		return ValueCodec.form(form, json);
	}

	private void requireReadable(Object value, byte[] json) {
		try {
			this.strictReader.readValue(json);
		}
		catch (JacksonException | IllegalArgumentException | LinkageError ex) {
			throw new IllegalArgumentException(
					"A session attribute of type " + value.getClass().getName()
							+ " can't be stored, because its JSON could not be read again: " + JsonFailure.describe(ex),
					ex);
		}
	}

	/** Reads what follows the first byte. */
	Object read(byte[] bytes) {
		Object value;
		try {
			value = this.reader.readValue(bytes, 1, bytes.length - 1);
		}
		catch (InvalidTypeIdException ex) {
			throw new UnreadableValueException("It can't be read as JSON: " + JsonFailure.describe(ex), ex);
		}
		if (value == null) {
			throw new UnreadableValueException("It holds nothing", null);
		}
		return value;
	}

	/** Keeps a class out of this one that is there with Spring Security only. */
	private static final class SecurityModules {

		private SecurityModules() {
		}

		static List<JacksonModule> get(@Nullable ClassLoader classLoader) {
			return org.springframework.security.jackson.SecurityJacksonModules
				.getModules((classLoader != null) ? classLoader : JsonSerialization.class.getClassLoader());
		}

	}

	/**
	 * Lets Spring's and the JDK's types write what they don't read: what they return is
	 * computed.
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
	 * What holds whatever other modules set, and so is set up after them: Spring
	 * Security's bring an allow-list and a form of times of their own.
	 */
	private static final class Settings extends SimpleModule {

		private static final long serialVersionUID = 1L;

		private final transient AllowedTypes allowedTypes;

		Settings(AllowedTypes allowedTypes) {
			super("app.session.redis");
			this.allowedTypes = allowedTypes;
		}

		@Override
		public void setupModule(SetupContext context) {
			super.setupModule(context);
			AllowedTypesValidator validator = new AllowedTypesValidator(this.allowedTypes);
			MapperBuilder<?, ?> builder = (MapperBuilder<?, ?>) context.getOwner();
			builder.polymorphicTypeValidator(validator);
			builder.setDefaultTyping(
					new DefaultTypeResolverBuilder(validator, DefaultTyping.NON_FINAL, JsonTypeInfo.As.PROPERTY));
			builder.disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS,
					DateTimeFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE,
					DateTimeFeature.WRITE_DATES_WITH_CONTEXT_TIME_ZONE, DateTimeFeature.NORMALIZE_DESERIALIZED_ZONE_ID);
			builder.enable(DateTimeFeature.WRITE_DATES_WITH_ZONE_ID);
			builder.enable(MapperFeature.ALLOW_FINAL_FIELDS_AS_MUTATORS);
			context.insertAnnotationIntrospector(new FieldsAreState());
		}

	}

}
