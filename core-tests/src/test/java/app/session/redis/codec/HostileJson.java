package app.session.redis.codec;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

import app.session.redis.OptionNames;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/**
 * JSON that tries to create or load disallowed types, and to look up host names. Doesn't
 * refer to JUnit, so that it can also run in a separate class loader with another version
 * of Jackson.
 */
public final class HostileJson {

	/** The number of times that code of a disallowed class ran. */
	static final AtomicInteger RUNS = new AtomicInteger();

	private static final String PREFIX = HostileJson.class.getName() + "$";

	private HostileJson() {
	}

	/** Values that must be refused: {@code %g} is a class that isn't allowed. */
	static Map<String, String> all() {
		Map<String, String> values = new LinkedHashMap<>();
		for (String id : List.of("%g", "[L%g;", "[[L%g;", "%g[]", "[%g", "[Ljava.util.ArrayList<%g>;",
				"java.util.ArrayList<%g>", "java.util.ArrayList< %g >", " java.util.ArrayList<%g>",
				"java.util.ArrayList<java.util.ArrayList<%g>>", "java.util.ArrayList<[L%g;>",
				"java.util.ArrayList<[[L%g;>", "java.util.ArrayList<java.util.HashMap<java.lang.String,%g>>",
				"java.util.HashSet<%g>", "java.util.concurrent.CopyOnWriteArrayList<%g>",
				"java.util.concurrent.atomic.AtomicReference<%g>", "java.util.Optional<%g>", "java.util.EnumSet<%e>",
				"java.util.Collections$UnmodifiableRandomAccessList<%g>", "java.util.Arrays$ArrayList<%g>",
				"java.util.TreeSet<%g>", "java.util.PriorityQueue<%g>", "<%g>", "java.util.ArrayList<%g",
				"java.util.ArrayList<%f>", "[L%f;", "java.util.ArrayList<%e>", "java.util.ArrayList<%i>", "[L%e;")) {
			values.put("in an array " + id, "['" + id + "',[{'command':'secret'}]]");
			values.put("of a string " + id, "['" + id + "',['secret']]");
			values.put("in a list " + id, "['java.util.ArrayList',[['" + id + "',['secret']]]]");
		}
		for (String id : List.of("%g", "%f", "java.util.HashMap<%g,java.lang.String>",
				"java.util.HashMap<java.lang.String,%g>", "java.util.HashMap<java.lang.String,%f>",
				"java.util.TreeMap<%g,java.lang.String>", "java.util.LinkedHashMap<%g,%g>",
				"java.util.EnumMap<%e,java.lang.Object>", "java.util.EnumMap<%a,%g>", "java.util.HashMap<%e,%g>",
				"java.util.HashMap<java.util.HashMap<%g,java.lang.String>,java.lang.String>",
				"java.util.HashMap<java.lang.String,java.util.HashMap<%g,java.lang.String>>",
				"java.util.HashMap<java.lang.Class,java.lang.String>",
				"java.util.HashMap<java.io.File,java.lang.String>", "%h<%g>", "%p<%g>", "java.util.Properties<%g>",
				"java.util.concurrent.ConcurrentHashMap<%g,java.lang.String>")) {
			values.put("in an object " + id, "{'@class':'" + id + "','secret':{'command':'secret'}}");
			values.put("of strings " + id, "{'@class':'" + id + "','secret':'secret'}");
		}
		Map<String, String> properties = new LinkedHashMap<>();
		properties.put("type", "'%g'");
		properties.put("types", "{'@class':'java.util.HashMap','%g':'secret'}");
		properties.put("byGadget", "{'@class':'java.util.HashMap','secret':'x'}");
		properties.put("byFactory", "{'@class':'java.util.HashMap','secret':'x'}");
		properties.put("gadget", "{'@class':'%g','command':'secret'}");
		properties.put("finalGadget", "{'command':'secret'}");
		properties.put("finalGadgets", "['java.util.ArrayList',[{'command':'secret'}]]");
		properties.put("optionalGadget", "{'command':'secret'}");
		properties.put("mode", "'A'");
		properties.put("any", "['java.util.ArrayList<%g>',['secret']]");
		properties.put("shape", "{'kind':'%g','command':'secret'}");
		properties.put("minimal", "{'kind':'.HostileJson$Gadget','command':'secret'}");
		properties.put("wrapped", "{'%g':{'command':'secret'}}");
		properties.put("inArray", "['%g',{'command':'secret'}]");
		properties.put("javaType", "'java.util.ArrayList<%g>'");
		properties.put("path", "['java.nio.file.Path','/etc/passwd']");
		properties.put("charset", "['java.nio.charset.Charset','UTF-8']");
		properties.put("document", "'<a/>'");
		properties.put("address", "['java.net.InetAddress','localhost']");
		properties.put("socketAddress", "['java.net.InetSocketAddress','localhost:80']");
		properties.put("byAddress", "{'@class':'java.util.HashMap','localhost':'x'}");
		properties.put("byUrl", "{'@class':'java.util.HashMap','http://localhost/':'x'}");
		properties.forEach((name, value) -> {
			values.put("property " + name, "{'@class':'%h','" + name + "':" + value + "}");
			values.put("property of a record " + name, "{'@class':'%h','inner':{'" + name + "':" + value + "}}");
		});
		for (String type : List.of("java.lang.Class", "java.nio.file.Path", "java.nio.charset.Charset",
				"tools.jackson.databind.JavaType", "java.net.InetAddress", "java.net.Inet4Address",
				"java.net.InetSocketAddress", "org.w3c.dom.Document", "javax.xml.datatype.XMLGregorianCalendar",
				"java.lang.ThreadGroup", "java.nio.ByteBuffer", "tools.jackson.databind.util.TokenBuffer",
				"java.lang.Object")) {
			values.put("value of type " + type, "['" + type + "','localhost']");
		}
		values.put("map of entries", "['java.util.HashMap',[[{'@class':'%g'},'x']]]");
		values.put("set with an order", "{'@class':'java.util.TreeSet<%g>','order':'REVERSE','elements':['secret']}");
		values.put("exception", "{'@class':'%x','message':'secret'}");
		values.put("cause", "{'@class':'java.lang.RuntimeException','cause':{'@class':'%x','message':'secret'}}");
		values.put("log-in",
				"{'@class':'org.springframework.security.authentication.UsernamePasswordAuthenticationToken',"
						+ "'authenticated':true,'principal':'secret','credentials':null,"
						+ "'authorities':['java.util.ArrayList',[]],'details':{'@class':'%g','command':'secret'}}");
		values.put("authorities", "{'@class':'org.springframework.security.core.userdetails.User','username':'secret',"
				+ "'authorities':['java.util.Collections$UnmodifiableSet<%g>',['secret']]}");
		values.put("fields of a form", "{'@class':'org.springframework.validation.BeanPropertyBindingResult',"
				+ "'objectName':'o','target':null,'nestedPath':'','errors':['java.util.ArrayList',[]],"
				+ "'fieldTypes':{'@class':'java.util.LinkedHashMap','f':'%g'},'fieldValues':{'@class':'java.util.HashMap'},"
				+ "'suppressedFields':['[Ljava.lang.String;',[]],'autoGrowNestedPaths':true,'autoGrowCollectionLimit':1}");
		values.replaceAll((name, json) -> json.replace('\'', '"')
			.replace("%g", PREFIX + "Gadget")
			.replace("%f", PREFIX + "FinalGadget")
			.replace("%e", PREFIX + "Mode")
			.replace("%i", PREFIX + "Contract")
			.replace("%x", PREFIX + "GadgetException")
			.replace("%h", PREFIX + "Allowed$Holder")
			.replace("%p", PREFIX + "Allowed$Box")
			.replace("%a", PREFIX + "Allowed$Permitted"));
		return values;
	}

	/**
	 * Reads all values.
	 * @return what went wrong, which should be nothing
	 */
	public static List<String> violations() {
		Loading loader = new Loading(HostileJson.class.getClassLoader());
		JsonSerialization json = JsonSerialization.ofAnyJackson(new AllowedTypes(List.of(PREFIX + "Allowed")),
				OptionNames.METHODS, loader);
		List<String> violations = new ArrayList<>();
		all().forEach((name, text) -> {
			int runs = RUNS.get();
			try {
				Object value = json.read(bytes(text));
				violations.add(name + " is read as " + value.getClass().getName());
			}
			catch (RuntimeException | LinkageError ex) {
				if (ex instanceof UnreadableValueException && ex.getMessage().contains("secret")) {
					violations.add(name + " is shown: " + ex.getMessage());
				}
			}
			if (RUNS.get() != runs) {
				violations.add(name + " runs code");
			}
			if (!loader.names.isEmpty()) {
				violations.add(name + " loads " + loader.names);
				loader.names.clear();
			}
		});
		lookUps(json, violations);
		return violations;
	}

	/** A lookup of this host succeeds everywhere, and is visible in the result. */
	private static void lookUps(JsonSerialization json, List<String> violations) {
		Set<?> urls = (Set<?>) json.read(bytes("[\"java.util.HashSet\",[[\"java.net.URL\",\"http://localhost/\"]]]"));
		Map<?, ?> entries = (Map<?, ?>) json
			.read(bytes("[\"java.util.HashMap\",[[[\"java.net.URL\",\"http://localhost/\"],\"x\"]]]"));
		for (Collection<?> keys : List.of(urls, entries.keySet())) {
			try {
				if (keys.iterator().next().hashCode() == new URL("http://localhost/").hashCode()) {
					violations.add("The host of a URL is looked up");
				}
			}
			catch (java.net.MalformedURLException ex) {
				throw new IllegalStateException(ex);
			}
		}
		InetSocketAddress address = (InetSocketAddress) json
			.read(bytes("[\"java.net.InetSocketAddress\",\"unresolved:localhost:80\"]"));
		if (!address.isUnresolved()) {
			violations.add("A socket address is resolved");
		}
	}

	static byte[] bytes(String json) {
		return ValueCodec.form((byte) 4, json.getBytes(StandardCharsets.UTF_8));
	}

	/** Records which disallowed classes are requested. */
	private static final class Loading extends ClassLoader {

		private final Set<String> names = new HashSet<>();

		Loading(ClassLoader parent) {
			super(parent);
		}

		@Override
		protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
			if (name.startsWith(PREFIX) && !name.startsWith(PREFIX + "Allowed")) {
				this.names.add(name);
			}
			return super.loadClass(name, resolve);
		}

	}

	/** A class whose package is allowed. */
	static final class Allowed {

		private Allowed() {
		}

		static class Holder {

			Class<?> type;

			Map<Class<?>, String> types;

			Map<Gadget, String> byGadget;

			Map<Contract, String> byContract;

			Map<FactoryGadget, String> byFactory;

			Gadget gadget;

			FinalGadget finalGadget;

			List<FinalGadget> finalGadgets;

			java.util.Optional<FinalGadget> optionalGadget;

			Mode mode;

			Object any;

			Shape shape;

			Minimal minimal;

			Wrapped wrapped;

			InArray inArray;

			tools.jackson.databind.JavaType javaType;

			java.nio.file.Path path;

			java.io.File file;

			java.nio.charset.Charset charset;

			java.util.regex.Pattern pattern;

			org.w3c.dom.Document document;

			InetAddress address;

			InetSocketAddress socketAddress;

			Map<InetAddress, String> byAddress;

			Map<URL, String> byUrl;

			Inner inner;

		}

		record Inner(Class<?> type, Map<Class<?>, String> types, Map<Gadget, String> byGadget,
				Map<FactoryGadget, String> byFactory, Gadget gadget, FinalGadget finalGadget,
				List<FinalGadget> finalGadgets, java.util.Optional<FinalGadget> optionalGadget, Mode mode, Object any,
				Shape shape, Minimal minimal, Wrapped wrapped, InArray inArray,
				tools.jackson.databind.JavaType javaType, java.nio.file.Path path, java.io.File file,
				java.nio.charset.Charset charset, java.util.regex.Pattern pattern, org.w3c.dom.Document document,
				InetAddress address, InetSocketAddress socketAddress, Map<InetAddress, String> byAddress,
				Map<URL, String> byUrl) {
		}

		static class Box<T> {

			T secret;

		}

		enum Permitted {

			ONE

		}

		@JsonTypeInfo(use = JsonTypeInfo.Id.CLASS, property = "kind")
		interface Shape {

		}

		@JsonTypeInfo(use = JsonTypeInfo.Id.MINIMAL_CLASS, property = "kind")
		interface Minimal {

		}

		@JsonTypeInfo(use = JsonTypeInfo.Id.CLASS, include = JsonTypeInfo.As.WRAPPER_OBJECT)
		interface Wrapped {

		}

		@JsonTypeInfo(use = JsonTypeInfo.Id.CLASS, include = JsonTypeInfo.As.WRAPPER_ARRAY)
		interface InArray {

		}

	}

	interface Contract {

	}

	/** Implements all types that an allowed class declares. */
	static class Gadget
			implements Contract, Comparable<Gadget>, Allowed.Shape, Allowed.Minimal, Allowed.Wrapped, Allowed.InArray {

		private String command;

		Gadget() {
			RUNS.incrementAndGet();
		}

		public Gadget(String command) {
			RUNS.incrementAndGet();
			this.command = command;
		}

		@Override
		public int compareTo(Gadget other) {
			return this.command.compareTo(other.command);
		}

	}

	static final class FinalGadget {

		private String command;

		FinalGadget() {
			RUNS.incrementAndGet();
		}

		FinalGadget(String command) {
			RUNS.incrementAndGet();
			this.command = command;
		}

		String command() {
			return this.command;
		}

	}

	static final class FactoryGadget {

		private FactoryGadget() {
		}

		public static FactoryGadget valueOf(String text) {
			RUNS.incrementAndGet();
			return new FactoryGadget();
		}

	}

	static class GadgetException extends RuntimeException {

		private static final long serialVersionUID = 1L;

		GadgetException(String message) {
			super(message);
			RUNS.incrementAndGet();
		}

	}

	enum Mode {

		A;

		static {
			RUNS.incrementAndGet();
		}

	}

}
