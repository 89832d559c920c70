package app.session.redis.codec;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Limits the work of hashing before any object is created. The hash code of a set is
 * computed from its elements and not cached, so an element in nested sets is hashed once
 * for each enclosing set. JSON can't share objects, so nesting is the only way in which a
 * short value can cause much work. {@link HashBudget} limits the cost of equal hash
 * codes.
 */
final class JsonBudget {

	/** The size up to which any value takes little work. */
	private static final int SMALL = 4096;

	/**
	 * The maximum number of times that elements are hashed, in addition to
	 * {@link #HASHES_PER_TOKEN}.
	 */
	private static final long MAX_HASHES = 1_000_000;

	private static final int HASHES_PER_TOKEN = 4;

	private static final int CHARACTERS_PER_HASH = 64;

	/** Collections of the JDK that don't hash their elements when they are read. */
	private static final Pattern SEQUENCES = Pattern
		.compile("java\\.util\\.(?:concurrent\\.)?[A-Za-z$]*(?:List|List12|ListN|Deque|Queue|Vector|Stack)");

	private final Deque<Level> levels = new ArrayDeque<>();

	private long tokens;

	private long hashes;

	private JsonBudget() {
	}

	/**
	 * Requires that reading a value takes limited work.
	 * @throws UnstorableValueException if it takes more
	 */
	static void require(JsonFactory factory, byte[] bytes, int offset, int length) {
		if (length <= SMALL) {
			return;
		}
		try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), bytes, offset, length)) {
			new JsonBudget().scan(parser);
		}
	}

	private void scan(JsonParser parser) {
		for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
			if (token.isStructEnd()) {
				this.levels.pop();
				continue;
			}
			Level level = this.levels.peek();
			if (token != JsonToken.PROPERTY_NAME) {
				count(parser, token, (level != null) ? level.hashing : 0);
			}
			if (token.isStructStart()) {
				this.levels.push(new Level(token == JsonToken.START_ARRAY, (level != null) ? level.inner() : 0));
			}
			if (level != null && token != JsonToken.PROPERTY_NAME) {
				level.add((token == JsonToken.VALUE_STRING && level.elements == 0) ? parser.getString() : null);
			}
		}
	}

	private void count(JsonParser parser, JsonToken token, int hashing) {
		this.tokens++;
		if (hashing > 0) {
			int length = token.isNumeric() ? parser.getStringLength() : 0;
			this.hashes += (long) hashing * (1 + length / CHARACTERS_PER_HASH);
		}
		if (this.hashes > MAX_HASHES + HASHES_PER_TOKEN * this.tokens) {
			throw new UnstorableValueException("nested sets or maps contain too many elements to hash");
		}
	}

	/** An array or object that the parser is in. */
	private static final class Level {

		private final boolean array;

		/** The number of enclosing collections that hash the content. */
		private final int hashing;

		private int elements;

		private @Nullable String type;

		Level(boolean array, int hashing) {
			this.array = array;
			this.hashing = hashing;
		}

		void add(@Nullable String text) {
			this.type = (this.elements == 0) ? text : this.type;
			this.elements++;
		}

		/**
		 * Returns the number for the content after the name of a type, if there is one.
		 */
		int inner() {
			boolean named = this.array && this.elements == 1 && this.type != null;
			return (named && !isSequence(this.type)) ? this.hashing + 1 : this.hashing;
		}

		private static boolean isSequence(@Nullable String type) {
			return type == null || type.startsWith("[") || SEQUENCES.matcher(type).matches();
		}

	}

}
