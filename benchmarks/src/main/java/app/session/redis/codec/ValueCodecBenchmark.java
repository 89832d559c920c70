package app.session.redis.codec;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Measures encoding and decoding of values.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ValueCodecBenchmark {

	private final ValueCodec codec = ValueCodec.builder()
		.allowedTypes(new AllowedTypes(List.of("app.session.redis")))
		.build();

	private final String text = "x".repeat(128);

	private final byte[] encodedText = this.codec.serialize(this.text);

	private final List<Line> cart = cart();

	private final byte[] encodedCart = this.codec.serialize(this.cart);

	private static List<Line> cart() {
		List<Line> cart = new ArrayList<>();
		for (int i = 0; i < 5; i++) {
			cart.add(new Line("product-" + i, i));
		}
		return cart;
	}

	/**
	 * Encodes a string of 128 characters.
	 * @return its bytes
	 */
	@Benchmark
	public byte[] encodeText() {
		return this.codec.serialize(this.text);
	}

	/**
	 * Decodes a string of 128 characters.
	 * @return the string
	 */
	@Benchmark
	public Object decodeText() {
		return this.codec.deserialize(this.encodedText);
	}

	/**
	 * Encodes a list of five objects with Java serialization.
	 * @return its bytes
	 */
	@Benchmark
	public byte[] encodeCart() {
		return this.codec.serialize(this.cart);
	}

	/**
	 * Decodes a list of five objects with Java serialization.
	 * @return the list
	 */
	@Benchmark
	public Object decodeCart() {
		return this.codec.deserialize(this.encodedCart);
	}

	/** A line of a cart. */
	private record Line(String product, int quantity) implements Serializable {

	}

}
