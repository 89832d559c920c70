package app.session.redis.codec;

import java.io.Serializable;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

import app.session.redis.OptionNames;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class AllowedTypesTests {

	private final AllowedTypes builtIn = new AllowedTypes(List.of());

	@ParameterizedTest
	@ValueSource(strings = { "java.lang.String", "java.lang.Integer", "[I", "[[Ljava.lang.String;",
			"java.util.ArrayList", "java.util.ImmutableCollections$ListN", "java.util.CollSer",
			"java.util.Collections$UnmodifiableMap", "java.time.Instant", "java.time.Ser",
			"java.lang.IllegalStateException", "org.springframework.security.core.context.SecurityContextImpl",
			"jakarta.servlet.http.Cookie", "org.springframework.web.servlet.FlashMap" })
	void whatTheJdkAndSpringStoreIsAllowed(String name) {
		assertThat(this.builtIn.allows(name)).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "com.acme.shop.Cart", "[Lcom.acme.shop.Cart;", "java.lang.reflect.Proxy",
			"java.lang.invoke.SerializedLambda", "java.lang.ProcessBuilder", "java.lang.Runtime", "java.lang.Thread",
			"java.rmi.server.UnicastRemoteObject", "java.util.ServiceLoader", "java.util.Formatter", "java.util.Timer",
			"java.util.Scanner", "java.util.logging.FileHandler", "java.io.FileInputStream", "java.beans.EventHandler",
			"javax.management.BadAttributeValueExpException", "javax.naming.InitialContext",
			"com.sun.rowset.JdbcRowSetImpl", "com.sun.org.apache.xalan.internal.xsltc.trax.TemplatesImpl",
			"sun.reflect.annotation.AnnotationInvocationHandler",
			"org.apache.commons.collections.functors.InvokerTransformer", "org.springframework.securityx.Evil",
			"org.springframework.aop.framework.JdkDynamicAopProxy",
			"org.springframework.core.SerializableTypeWrapper$MethodInvokeTypeProvider",
			"org.springframework.beans.factory.support.DisposableBeanAdapter" })
	void nothingElseIs(String name) {
		assertThat(this.builtIn.allows(name)).isFalse();
	}

	@Test
	void aPackageIsAddedWithThoseBelowAndAClassWithThoseInside() {
		AllowedTypes types = new AllowedTypes(List.of("com.acme.shop", "org.example.Order"));
		assertThat(List.of("com.acme.shop.Cart", "com.acme.shop.cart.Line", "com.acme.shop.Cart$Line",
				"[Lcom.acme.shop.Cart;", "org.example.Order", "org.example.Order$Line"))
			.allMatch(types::allows);
		assertThat(List.of("com.acme.shopping.Cart", "com.acme.Cart", "org.example.OrderLine", "org.example.Other"))
			.noneMatch(types::allows);
	}

	@Test
	void whateverIsAddedLambdasAndProxiesAreNot() {
		AllowedTypes types = new AllowedTypes(List.of("java", "app", "jdk", "com"));
		assertThat(types.allows("java.lang.invoke.SerializedLambda")).isFalse();
		assertThat(types.allows(proxy().getClass())).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "com.acme.*", "*", "com..acme", ".com", "com.acme.", "com/acme", "com acme" })
	void anInvalidNameIsRefused(String name) {
		assertThatIllegalArgumentException().isThrownBy(() -> new AllowedTypes(List.of(name)))
			.withMessageContaining("neither the name of a package nor that of a class");
	}

	@ParameterizedTest
	@EnumSource
	void whatIsNotAllowedIsRefusedWhenItIsWritten(ValueForm form) {
		ValueCodec codec = ValueCodec.builder().form(form).build();
		for (Object value : List.of(new Stranger(), new ArrayList<>(List.of(new Stranger())), new Stranger[0],
				new TreeMap<>(Map.of("a", List.of(new Stranger()))))) {
			assertThatIllegalArgumentException().isThrownBy(() -> codec.serialize(value))
				.withMessageContaining(Stranger.class.getName())
				.withMessageContaining("SessionSettingsBuilder.allowedTypes");
		}
		ValueCodec allowing = ValueCodec.builder()
			.form(form)
			.allowedTypes(new AllowedTypes(List.of(Stranger.class.getName())))
			.build();
		assertThatCode(() -> allowing.serialize(List.of(new Stranger()))).doesNotThrowAnyException();
	}

	@Test
	void lambdasAndProxiesAreRefusedWhenTheyAreWritten() {
		ValueCodec codec = ValueCodec.builder().allowedTypes(new AllowedTypes(List.of("app", "java", "jdk"))).build();
		Supplier<String> lambda = (Supplier<String> & Serializable) () -> "x";
		assertThatIllegalArgumentException().isThrownBy(() -> codec.serialize(lambda)).withMessageContaining("lambda");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> codec.serialize(new TreeMap<>(Comparator.comparing(Object::toString))))
			.withMessageContaining("lambda");
		assertThatIllegalArgumentException().isThrownBy(() -> codec.serialize(List.of(proxy())))
			.withMessageContaining("dynamic proxy");
	}

	@Test
	void aSuperclassThatIsNotAllowedIsRefusedToo() {
		ValueCodec codec = ValueCodec.builder().allowedTypes(new AllowedTypes(List.of(Child.class.getName()))).build();
		assertThatIllegalArgumentException().isThrownBy(() -> codec.serialize(new Child()))
			.withMessageContaining(Stranger.class.getName() + ",");
	}

	@ParameterizedTest
	@ValueSource(strings = { "org.springframework.aop.framework.JdkDynamicAopProxy",
			"org.springframework.aop.target.HotSwappableTargetSource",
			"org.springframework.beans.factory.support.DisposableBeanAdapter",
			"org.springframework.beans.factory.ObjectFactory",
			"org.springframework.core.SerializableTypeWrapper$MethodInvokeTypeProvider",
			"org.springframework.transaction.jta.JtaTransactionManager",
			"org.springframework.web.context.request.DestructionCallbackBindingListener",
			"org.apache.commons.collections.functors.InvokerTransformer",
			"org.apache.commons.collections4.functors.ChainedTransformer",
			"org.apache.commons.collections.keyvalue.TiedMapEntry", "org.apache.commons.beanutils.BeanComparator",
			"org.codehaus.groovy.runtime.MethodClosure", "org.codehaus.groovy.runtime.ConvertedClosure",
			"com.sun.org.apache.xalan.internal.xsltc.trax.TemplatesImpl", "com.sun.rowset.JdbcRowSetImpl",
			"javax.management.BadAttributeValueExpException", "java.security.SignedObject", "java.security.KeyRep",
			"java.rmi.MarshalledObject", "java.rmi.server.UnicastRemoteObject", "java.beans.EventHandler",
			"java.lang.invoke.SerializedLambda", "java.lang.reflect.Proxy", "java.lang.ProcessBuilder",
			"sun.reflect.annotation.AnnotationInvocationHandler", "javax.swing.UIDefaults", "java.util.logging.Level",
			"com.mchange.v2.c3p0.PoolBackedDataSource", "com.rometools.rome.feed.impl.ToStringBean",
			"com.sun.syndication.feed.impl.EqualsBean", "org.hibernate.engine.spi.TypedValue",
			"org.hibernate.property.access.spi.GetterMethodImpl", "com.fasterxml.jackson.databind.node.POJONode",
			"tools.jackson.databind.node.POJONode", "com.vaadin.data.util.NestedMethodProperty",
			"org.apache.myfaces.view.facelets.el.ValueExpressionMethodExpression",
			"org.apache.wicket.util.upload.DiskFileItem", "bsh.XThis", "clojure.core$constantly" })
	void typesOfPublishedGadgetsAreNeverAllowed(String name) {
		String[] parts = name.split("\\.");
		AllowedTypes types = new AllowedTypes(List.of(name, parts[0], parts[0] + "." + parts[1]));
		assertThat(types.allows(name)).isFalse();
		assertThat(types.allows("[L" + name + ";")).isFalse();
		assertThat(types.allowsLambdasOf(name)).isFalse();
		assertThat(AllowedTypes.refusal(name, OptionNames.METHODS)).containsAnyOf("never stored", "lambda");
	}

	@Test
	void neighboursOfThoseCanBeAllowed() {
		AllowedTypes types = new AllowedTypes(List.of("org", "bshop", "com"));
		assertThat(List.of("org.apache.commons.collections4.map.LRUMap", "bshop.Cart", "org.springframework.aopx.Cart",
				"com.vaadin.flow.component.UI", "org.hibernate.Hibernate"))
			.allMatch(types::allows);
	}

	@Test
	void aRefusalNamesAllTypesAndTheSettingThatAllowsThem() {
		ValueCodec codec = ValueCodec.builder().build();
		List<Object> value = new ArrayList<>(List.of(new Stranger(), new Child(), HostileValues.nested(2),
				new HostileValues.Gadget(), new RealValues.Cart()));
		assertThatExceptionOfType(TypeRefusedException.class).isThrownBy(() -> codec.serialize(value))
			.withMessageContaining("allow them with SessionSettingsBuilder.allowedTypes(app.session.redis.codec)")
			.satisfies((ex) -> assertThat(ex.getTypeNames()).containsExactly(Stranger.class.getName(),
					Child.class.getName(), HostileValues.Gadget.class.getName(), RealValues.Cart.class.getName()));
	}

	@Test
	void aRefusalOfSeveralKindsDistinguishesThem() {
		ValueCodec codec = ValueCodec.builder().build();
		Supplier<String> lambda = (Supplier<String> & Serializable) () -> "x";
		assertThatExceptionOfType(TypeRefusedException.class)
			.isThrownBy(() -> codec.serialize(new ArrayList<>(List.of(new Stranger(), lambda, proxy(), new Object(),
					new org.springframework.aop.target.EmptyTargetSource[0]))))
			.withMessageContaining("SessionSettingsBuilder.allowedTypes(" + Stranger.class.getName() + ")")
			.withMessageContaining("lambda")
			.withMessageContaining("dynamic proxy")
			.withMessageContaining("java.lang.Object is not Serializable")
			.withMessageContaining("EmptyTargetSource, which is never stored")
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain("Handler", "allowed-lambdas"));
	}

	@Test
	void theJdksAndSpringsPackagesAreNotSuggested() {
		ValueCodec codec = ValueCodec.builder().build();
		assertThatExceptionOfType(TypeRefusedException.class)
			.isThrownBy(() -> codec.serialize(new ArrayList<>(List.of(new java.io.FilePermission("a", "read"),
					new java.io.SerializablePermission("enableSubclassImplementation")))))
			.withMessageContaining("(java.io.FilePermission, java.io.SerializablePermission");
	}

	@Test
	void whatIsNotSerializableIsNamed() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> ValueCodec.builder().build().serialize(List.of(new Object())))
			.withMessageContaining("java.lang.Object is not Serializable")
			.isNotInstanceOf(TypeRefusedException.class);
	}

	@Test
	void classObjectsOfSerializableTypesMustBeAllowed() {
		ValueCodec codec = ValueCodec.builder().build();
		for (Class<?> type : List.of(Stranger.class, Stranger[].class, java.rmi.Remote.class,
				java.lang.reflect.Method.class)) {
			assertThatExceptionOfType(TypeRefusedException.class).isThrownBy(() -> codec.serialize(List.of(type)));
			byte[] stored = HostileValues.java(List.of(type));
			assertThatExceptionOfType(UnreadableValueException.class).isThrownBy(() -> codec.deserialize(stored));
		}
	}

	private static Object proxy() {
		return Proxy.newProxyInstance(AllowedTypesTests.class.getClassLoader(), new Class<?>[] { Supplier.class },
				new Handler());
	}

	static class Stranger implements Serializable {

		private static final long serialVersionUID = 1L;

		String text = "";

	}

	static class Child extends Stranger {

		private static final long serialVersionUID = 1L;

	}

	static class Handler implements InvocationHandler, Serializable {

		private static final long serialVersionUID = 1L;

		@Override
		public Object invoke(Object proxy, java.lang.reflect.Method method, Object[] args) {
			return "";
		}

	}

}
