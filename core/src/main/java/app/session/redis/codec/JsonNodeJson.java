package app.session.redis.codec;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Base64;

import com.fasterxml.jackson.annotation.JsonFormat;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.type.WritableTypeId;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.deser.jackson.JsonNodeDeserializer;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.jsontype.TypeDeserializer;
import tools.jackson.databind.jsontype.TypeSerializer;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.BigIntegerNode;
import tools.jackson.databind.node.BinaryNode;
import tools.jackson.databind.node.DecimalNode;
import tools.jackson.databind.node.DoubleNode;
import tools.jackson.databind.node.FloatNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.LongNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.ShortNode;
import tools.jackson.databind.ser.Serializers;

/**
 * JSON documents as values. Strings, booleans, nulls, objects, {@code int} and finite
 * {@code double} numbers are written unchanged. Any other node is an array of its kind
 * and its content, since JSON doesn't distinguish a {@code long} from an {@code int}.
 */
final class JsonNodeJson {

	/**
	 * Marks a document that was stored as a value. Spring Security reads other documents
	 * unchanged.
	 */
	private static final String NODE = "@node";

	private static final String ARRAY = "array";

	private JsonNodeJson() {
	}

	private static void write(JsonNode node, JsonGenerator generator) {
		if (node instanceof ObjectNode object) {
			generator.writeStartObject();
			writeProperties(object, generator);
			generator.writeEndObject();
		}
		else if (node instanceof ArrayNode array) {
			generator.writeStartArray();
			generator.writeString(ARRAY);
			array.forEach((element) -> write(element, generator));
			generator.writeEndArray();
		}
		else if (node.isString()) {
			generator.writeString(node.stringValue());
		}
		else if (node.isBoolean()) {
			generator.writeBoolean(node.booleanValue());
		}
		else if (node.isNull()) {
			generator.writeNull();
		}
		else if (node instanceof IntNode) {
			generator.writeNumber(node.intValue());
		}
		else if (node instanceof DoubleNode && Double.isFinite(node.doubleValue())) {
			generator.writeNumber(node.doubleValue());
		}
		else {
			writeKind(node, generator);
		}
	}

	private static void writeKind(JsonNode node, JsonGenerator generator) {
		generator.writeStartArray();
		Kind kind = Kind.of(node);
		generator.writeString(kind.name());
		generator.writeString(kind.text(node));
		generator.writeEndArray();
	}

	private static void writeRoot(JsonNode node, JsonGenerator generator) {
		generator.writeStartArray();
		generator.writeString(NODE);
		write(node, generator);
		generator.writeEndArray();
	}

	private static void writeProperties(ObjectNode object, JsonGenerator generator) {
		object.properties().forEach((property) -> {
			generator.writeName(property.getKey());
			write(property.getValue(), generator);
		});
	}

	private static JsonNode read(JsonParser parser, DeserializationContext context) {
		JsonNodeFactory nodes = JsonNodeFactory.instance;
		return switch (parser.currentToken()) {
			case START_OBJECT, PROPERTY_NAME, END_OBJECT -> readObject(parser, context, nodes);
			case START_ARRAY -> readArray(parser, context, nodes);
			case VALUE_STRING -> nodes.stringNode(parser.getString());
			case VALUE_TRUE, VALUE_FALSE -> nodes.booleanNode(parser.getBooleanValue());
			case VALUE_NULL -> nodes.nullNode();
			case VALUE_NUMBER_INT -> nodes.numberNode(parser.getIntValue());
			case VALUE_NUMBER_FLOAT -> nodes.numberNode(parser.getDoubleValue());
			default -> context.reportInputMismatch(JsonNode.class, "Not a node");
		};
	}

	private static ObjectNode readObject(JsonParser parser, DeserializationContext context, JsonNodeFactory nodes) {
		ObjectNode object = nodes.objectNode();
		String name = parser.isExpectedStartObjectToken() ? parser.nextName() : parser.currentName();
		for (; name != null; name = parser.nextName()) {
			parser.nextToken();
			object.set(name, read(parser, context));
		}
		return object;
	}

	private static JsonNode readArray(JsonParser parser, DeserializationContext context, JsonNodeFactory nodes) {
		if (parser.nextToken() != JsonToken.VALUE_STRING) {
			return context.reportInputMismatch(JsonNode.class, "Not a node");
		}
		String kind = parser.getString();
		if (!kind.equals(ARRAY)) {
			parser.nextToken();
			JsonNode node = Kind.valueOf(kind).node(parser.getString(), nodes);
			parser.nextToken();
			return node;
		}
		ArrayNode array = nodes.arrayNode();
		while (parser.nextToken() != JsonToken.END_ARRAY) {
			array.add(read(parser, context));
		}
		return array;
	}

	/** The kinds of nodes for which JSON has no notation of their own. */
	private enum Kind {

		SHORT, LONG, INTEGER, FLOAT, DOUBLE, DECIMAL, BINARY, MISSING;

		static Kind of(JsonNode node) {
			if (node instanceof ShortNode) {
				return SHORT;
			}
			if (node instanceof LongNode) {
				return LONG;
			}
			if (node instanceof BigIntegerNode) {
				return INTEGER;
			}
			if (node instanceof FloatNode) {
				return FLOAT;
			}
			if (node instanceof DoubleNode) {
				return DOUBLE;
			}
			if (node instanceof DecimalNode) {
				return DECIMAL;
			}
			if (node instanceof BinaryNode) {
				return BINARY;
			}
			if (node instanceof MissingNode) {
				return MISSING;
			}
			throw new UnstorableValueException("a " + node.getClass().getName() + " can't be stored");
		}

		String text(JsonNode node) {
			return switch (this) {
				case SHORT -> Short.toString(node.shortValue());
				case LONG -> Long.toString(node.longValue());
				case INTEGER -> node.bigIntegerValue().toString(Character.MAX_RADIX);
				case FLOAT -> Float.toString(node.floatValue());
				case DOUBLE -> Double.toString(node.doubleValue());
				case DECIMAL -> node.decimalValue().toString();
				case BINARY -> Base64.getEncoder().encodeToString(node.binaryValue());
				case MISSING -> "";
			};
		}

		JsonNode node(String text, JsonNodeFactory nodes) {
			return switch (this) {
				case SHORT -> nodes.numberNode(Short.parseShort(text));
				case LONG -> nodes.numberNode(Long.parseLong(text));
				case INTEGER -> BigIntegerNode.valueOf(new BigInteger(bounded(text), Character.MAX_RADIX));
				case FLOAT -> nodes.numberNode(Float.parseFloat(text));
				case DOUBLE -> nodes.numberNode(Double.parseDouble(text));
				case DECIMAL -> DecimalNode.valueOf(new BigDecimal(bounded(text)));
				case BINARY -> nodes.binaryNode(Base64.getDecoder().decode(text));
				case MISSING -> nodes.missingNode();
			};
		}

		/** Limits the number of digits, since converting them takes quadratic time. */
		private static String bounded(String digits) {
			if (digits.length() > 1000) {
				throw new UnstorableValueException("a number has more than 1000 digits");
			}
			return digits;
		}

	}

	static final class Writing implements Serializers {

		@Override
		public @Nullable ValueSerializer<?> findSerializer(SerializationConfig config, JavaType type,
				BeanDescription.Supplier description, JsonFormat.@Nullable Value format) {
			return type.isTypeOrSubTypeOf(JsonNode.class) ? new Serializer() : null;
		}

		@Override
		public @Nullable ValueSerializer<?> findTreeNodeSerializer(SerializationConfig config, JavaType type,
				BeanDescription.Supplier description, JsonFormat.@Nullable Value format) {
			return findSerializer(config, type, description, format);
		}

	}

	private static final class Serializer extends ValueSerializer<JsonNode> {

		@Override
		public void serialize(JsonNode value, JsonGenerator generator, SerializationContext context) {
			writeRoot(value, generator);
		}

		@Override
		public void serializeWithType(JsonNode value, JsonGenerator generator, SerializationContext context,
				TypeSerializer types) {
			WritableTypeId id = types.writeTypePrefix(generator, context, types.typeId(value, JsonToken.START_ARRAY));
			generator.writeString(NODE);
			write(value, generator);
			types.writeTypeSuffix(generator, context, id);
		}

	}

	/** A deserializer for nodes of all classes. */
	static final class Deserializer extends StdDeserializer<JsonNode> {

		Deserializer(Class<?> type) {
			super(type);
		}

		@Override
		public @Nullable JsonNode deserialize(JsonParser parser, DeserializationContext context) {
			JsonNode node = parser.isExpectedStartArrayToken() ? readDocument(parser, context)
					: (JsonNode) JsonNodeDeserializer.getDeserializer(handledType()).deserialize(parser, context);
			return handledType().isInstance(node) ? node
					: context.reportInputMismatch(JsonNode.class, "Not a node of this type");
		}

		private static JsonNode readDocument(JsonParser parser, DeserializationContext context) {
			boolean value = parser.nextToken() == JsonToken.VALUE_STRING && parser.getString().equals(NODE);
			if (value) {
				parser.nextToken();
				JsonNode node = read(parser, context);
				parser.nextToken();
				return node;
			}
			ArrayNode array = JsonNodeFactory.instance.arrayNode();
			for (; !parser.hasToken(JsonToken.END_ARRAY); parser.nextToken()) {
				array.add(context.readTree(parser));
			}
			return array;
		}

		@Override
		public Object deserializeWithType(JsonParser parser, DeserializationContext context, TypeDeserializer types) {
			return types.deserializeTypedFromAny(parser, context);
		}

	}

}
