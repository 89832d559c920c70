package app.session.redis.codec;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import app.session.redis.ThrowableStandIn;
import com.google.common.collect.ImmutableSet;
import org.apache.commons.lang3.tuple.Pair;

import org.springframework.aop.target.HotSwappableTargetSource;

/**
 * Stored values as an attacker writes them to Redis. All except {@link #urlAsKey} must be
 * refused, and none may run code: the code that they would run is counted.
 */
public final class HostileValues {

	/** The number of times that code of a gadget ran. */
	public static final AtomicInteger RUNS = new AtomicInteger();

	private HostileValues() {
	}

	public static Map<String, byte[]> all() {
		Map<String, byte[]> values = new LinkedHashMap<>();
		values.put("gadget", java(new Gadget()));
		values.put("gadget in a list", java(new ArrayList<>(List.of("harmless", new Gadget()))));
		values.put("gadget as a key", java(new HashMap<>(Map.of(new Gadget(), "x"))));
		values.put("gadget in an array", java(new Gadget[] { new Gadget() }));
		values.put("gadget in an allowed type's field", java(new IllegalStateException(new GadgetException())));
		values.put("proxy", java(Proxy.newProxyInstance(HostileValues.class.getClassLoader(),
				new Class<?>[] { Supplier.class }, new GadgetHandler())));
		values.put("lambda", java((Supplier<Object> & Serializable) Gadget::new));
		values.put("gadget behind a stand-in", java(new ThrowableStandIn("x", "x", new GadgetException())));
		values.put("gadget in a pair", java(Pair.of("harmless", new Gadget())));
		values.put("gadget in a collection of Guava", java(ImmutableSet.of("harmless", new Gadget())));
		values.put("gadget in a sorted map",
				java(new TreeMap<>(Map.of("harmless", new ArrayList<>(List.of(new Gadget()))))));
		values.put("class object of a gadget", java(new ArrayList<>(List.of(Gadget.class))));
		values.put("class object of gadgets' array", java(Gadget[].class));
		values.put("class object that must not be used", java(java.lang.reflect.Method.class));
		values.put("class object of a proxy",
				java(Proxy.getProxyClass(HostileValues.class.getClassLoader(), new Class<?>[] { Supplier.class })));
		values.put("stored lambda", java(lambda()));
		values.put("stored lambda in a list", java(new ArrayList<>(List.of(lambda()))));
		values.put("target source", java(new HotSwappableTargetSource("harmless")));
		values.put("target source in a list", java(new ArrayList<>(List.of(new HotSwappableTargetSource("harmless")))));
		values.put("class that is not there", renamed(java(new Gadget()), "Gadget", "Gedgat"));
		values.put("array that claims to be large", largeArray());
		values.put("table that claims to be large", largeTable());
		values.put("lists in lists", java(nested(500)));
		values.put("tables in tables", java(tables()));
		values.put("more references than there may be",
				java(new ArrayList<>(Collections.nCopies(ValueInputStream.MAX_REFERENCES + 1, "x"))));
		values.put("JSON", json("{'@class':'%s','command':'x'}"));
		values.put("JSON in a list", json("['java.util.ArrayList',[{'@class':'%s','command':'x'}]]"));
		values.put("JSON in a map", json("{'@class':'java.util.HashMap','a':{'@class':'%s','command':'x'}}"));
		values.put("JSON as a parameter of a type", json("['java.util.ArrayList<%s>',[{'command':'x'}]]"));
		values.put("JSON as an array", json("['[L%s;',[{'command':'x'}]]"));
		values.put("JSON of a data source", json("{'@class':'com.sun.rowset.JdbcRowSetImpl',"
				+ "'dataSourceName':'ldap://localhost:1389/x','autoCommit':true}"));
		values.put("JSON that writes a file", json("['java.util.Formatter','hostile-formatter.txt']"));
		values.put("JSON that starts a thread", json("['java.util.Timer','hostile']"));
		values.put("JSON of machinery",
				json("{'@class':'org.springframework.security.authentication.dao.DaoAuthenticationProvider'}"));
		values.put("JSON in JSON", json("[".repeat(1000) + "]".repeat(1000)));
		values.put("JSON that is none", json("{'@class'"));
		values.put("compressed that claims to be large", bomb(5, Integer.MAX_VALUE));
		values.put("compressed that claims a negative length", bomb(6, -1));
		values.put("compressed by Zstandard that claims to be large", bomb(7, ValueCodec.MAX_BYTES + 1));
		values.put("encrypted with a key that is not there", new byte[64]);
		values.get("encrypted with a key that is not there")[0] = 8;
		values.put("encrypted, cut", new byte[] { 8, 127 });
		return values;
	}

	private static Object lambda() {
		Supplier<Object> lambda = (Supplier<Object> & Serializable) Gadget::new;
		try {
			Method replace = lambda.getClass().getDeclaredMethod("writeReplace");
			replace.setAccessible(true);
			return new StoredLambda((SerializedLambda) replace.invoke(lambda));
		}
		catch (ReflectiveOperationException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** The gadget that queries a name server when its key is hashed. */
	public static byte[] urlAsKey(String url) {
		try {
			return java(new HashMap<>(Map.of(new URL(url), "x")));
		}
		catch (MalformedURLException ex) {
			throw new IllegalArgumentException(ex);
		}
	}

	static List<Object> nested(int depth) {
		List<Object> list = new ArrayList<>();
		for (int i = 1; i < depth; i++) {
			list = new ArrayList<>(List.of(list));
		}
		return list;
	}

	/** Nested sorted maps that declare more entries than they have. */
	static byte[] sortedMaps(int depth, int size) {
		Object inner = "innermost";
		for (int i = 0; i < depth; i++) {
			inner = new TreeMap<>(Map.of("key", inner));
		}
		byte[] bytes = java(inner);
		// Block data of 4 bytes: the number of entries, 1
		byte[] block = { 0x77, 4, 0, 0, 0, 1 };
		for (int i = 0; i + block.length <= bytes.length; i++) {
			if (Arrays.equals(bytes, i, i + block.length, block, 0, block.length)) {
				ByteBuffer.wrap(bytes).putInt(i + 2, size);
			}
		}
		return bytes;
	}

	/** Objects that are nested more deeply than allowed. */
	private static Object tables() {
		Object inner = new ArrayList<>(List.of("innermost"));
		for (int i = 0; i < 2 * ValueInputStream.MAX_DEPTH; i++) {
			Map<Object, Object> table = new IdentityHashMap<>();
			table.put(inner, inner);
			inner = table;
		}
		return inner;
	}

	static byte[] java(Object object) {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		bytes.write(2);
		// Deep nesting needs a larger stack than threads have by default
		Thread writing = new Thread(null, () -> write(object, bytes), "hostile values", 1 << 26);
		writing.start();
		try {
			writing.join();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
		return bytes.toByteArray();
	}

	private static void write(Object object, ByteArrayOutputStream bytes) {
		try (ObjectOutputStream out = new FreshUrls(bytes)) {
			out.writeObject(object);
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static byte[] json(String template) {
		byte[] json = template.replace("%s", Gadget.class.getName())
			.replace('\'', '"')
			.getBytes(StandardCharsets.UTF_8);
		return ValueCodec.form((byte) 4, json);
	}

	private static byte[] renamed(byte[] bytes, String from, String to) {
		String text = new String(bytes, StandardCharsets.ISO_8859_1);
		return text.replace(from, to).getBytes(StandardCharsets.ISO_8859_1);
	}

	private static byte[] largeArray() {
		byte[] bytes = java(new long[] { 1, 2 });
		int length = bytes.length - 2 * Long.BYTES - Integer.BYTES;
		ByteBuffer.wrap(bytes).putInt(length, Integer.MAX_VALUE - 8);
		return bytes;
	}

	private static byte[] largeTable() {
		byte[] bytes = java(new HashMap<>(Map.of("key", "value")));
		// Block data of 8 bytes: the number of buckets, the number of entries
		byte[] block = { 0x77, 8 };
		for (int i = 0; i < bytes.length; i++) {
			if (Arrays.equals(bytes, i, i + 2, block, 0, 2)) {
				ByteBuffer.wrap(bytes).putInt(i + 6, 1 << 29);
				return bytes;
			}
		}
		throw new IllegalStateException("A hash table is no longer written as it was");
	}

	private static byte[] bomb(int form, int length) {
		return ByteBuffer.allocate(32).put((byte) form).putInt(length).array();
	}

	/** Writes URLs in the state before their hash code is computed. */
	private static final class FreshUrls extends ObjectOutputStream {

		FreshUrls(ByteArrayOutputStream out) throws IOException {
			super(out);
			enableReplaceObject(true);
		}

		@Override
		protected Object replaceObject(Object object) throws IOException {
			return (object instanceof URL url) ? new URL(url.toExternalForm()) : object;
		}

	}

	/** Runs something when it is read, hashed, or given a property. */
	public static class Gadget implements Serializable {

		private static final long serialVersionUID = 1L;

		static {
			RUNS.set(0);
		}

		String command = "";

		public void setCommand(String command) {
			RUNS.incrementAndGet();
			this.command = command;
		}

		private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
			RUNS.incrementAndGet();
			in.defaultReadObject();
		}

	}

	static class GadgetException extends RuntimeException {

		private static final long serialVersionUID = 1L;

		private final Gadget gadget = new Gadget();

		@Override
		public String getMessage() {
			return this.gadget.command;
		}

	}

	static class GadgetHandler implements InvocationHandler, Serializable {

		private static final long serialVersionUID = 1L;

		@Override
		public Object invoke(Object proxy, Method method, Object[] args) {
			RUNS.incrementAndGet();
			return null;
		}

	}

}
