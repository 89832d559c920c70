package app.session.redis.codec;

import java.util.Set;

/**
 * Types that are never stored, even if {@code allowed-types} contains them or an
 * enclosing package: reading them runs code, resolves names or opens connections that the
 * stored bytes choose. They are part of published gadget chains (ysoserial, marshalsec).
 */
final class NeverAllowedTypes {

	/**
	 * Packages including their subpackages, and classes including their nested classes.
	 */
	private static final Set<String> NAMES = Set.of(
			// JDK
			"com.sun.corba", "com.sun.jmx", "com.sun.jndi", "com.sun.org.apache.bcel", "com.sun.org.apache.xalan",
			"com.sun.org.apache.xml.internal", "com.sun.org.apache.xpath", "com.sun.rowset", "java.beans.EventHandler",
			"java.beans.beancontext", "java.lang.ClassLoader", "java.lang.Process", "java.lang.ProcessBuilder",
			"java.lang.Runtime", "java.lang.Thread", "java.lang.invoke", "java.lang.reflect", "java.lang.module",
			"java.net.URLClassLoader", "java.rmi", "java.security.GuardedObject", "java.security.KeyRep",
			"java.security.Provider", "java.security.SignedObject", "java.util.ServiceLoader", "java.util.logging",
			"java.util.prefs", "javax.activation", "javax.crypto.SealedObject", "javax.imageio", "javax.management",
			"javax.naming", "javax.script", "javax.sql.rowset", "javax.swing", "javax.tools", "javax.xml.transform",
			"jdk.internal", "jdk.jshell", "sun.awt", "sun.misc", "sun.print", "sun.reflect", "sun.rmi", "sun.swing",
			// Spring
			"org.springframework.aop", "org.springframework.beans", "org.springframework.cglib",
			"org.springframework.context.support.FileSystemXmlApplicationContext",
			"org.springframework.context.support.ClassPathXmlApplicationContext",
			"org.springframework.core.ResolvableType", "org.springframework.core.SerializableTypeWrapper",
			"org.springframework.expression", "org.springframework.jndi", "org.springframework.objenesis",
			"org.springframework.remoting", "org.springframework.scripting", "org.springframework.transaction.jta",
			"org.springframework.web.context.request.DestructionCallbackBindingListener",
			// Expressions, scripts and code generation
			"bsh", "clojure", "freemarker", "groovy.lang.Closure", "groovy.lang.GroovyShell", "groovy.util.Eval",
			"groovy.util.Expando", "javassist", "net.bytebuddy", "ognl", "org.apache.bcel", "org.apache.commons.jexl3",
			"org.apache.commons.ognl", "org.apache.el", "org.apache.myfaces.el", "org.apache.myfaces.view.facelets.el",
			"org.apache.velocity", "org.apache.xalan", "org.apache.xpath", "org.codehaus.groovy.runtime",
			"org.jboss.el", "org.mozilla.javascript", "org.mvel2", "org.python", "org.jruby", "scala.sys.process",
			// Functors, lazy collections and comparators that call methods by name
			"com.alibaba.fastjson", "com.alibaba.fastjson2", "com.fasterxml.jackson.databind.node.POJONode",
			"com.rometools.rome.feed.impl", "com.sun.syndication.feed.impl", "com.vaadin.data.util",
			"com.vaadin.v7.data.util", "net.sf.json", "org.apache.click.control", "org.apache.commons.beanutils",
			"org.apache.commons.beanutils2", "org.apache.commons.collections.comparators.TransformingComparator",
			"org.apache.commons.collections.functors", "org.apache.commons.collections.keyvalue.TiedMapEntry",
			"org.apache.commons.collections.map.DefaultedMap", "org.apache.commons.collections.map.LazyMap",
			"org.apache.commons.collections.map.LazySortedMap", "org.apache.commons.collections.map.TransformedMap",
			"org.apache.commons.collections4.comparators.TransformingComparator",
			"org.apache.commons.collections4.functors", "org.apache.commons.collections4.keyvalue.TiedMapEntry",
			"org.apache.commons.collections4.map.DefaultedMap", "org.apache.commons.collections4.map.LazyMap",
			"org.apache.commons.collections4.map.LazySortedMap", "org.apache.commons.collections4.map.TransformedMap",
			"org.aspectj", "tools.jackson.databind.node.POJONode",
			// Persistence, connections, naming, files
			"ch.qos.logback", "com.atomikos", "com.caucho", "com.ibatis", "com.mchange", "com.mysql.cj", "com.p6spy",
			"com.zaxxer.hikari", "oracle.jdbc", "org.apache.activemq", "org.apache.catalina",
			"org.apache.commons.configuration", "org.apache.commons.configuration2", "org.apache.commons.dbcp",
			"org.apache.commons.dbcp2", "org.apache.commons.fileupload", "org.apache.commons.fileupload2",
			"org.apache.commons.jelly", "org.apache.commons.proxy", "org.apache.ibatis", "org.apache.logging.log4j",
			"org.apache.log4j", "org.apache.openjpa", "org.apache.shiro.jndi", "org.apache.shiro.realm",
			"org.apache.tomcat.dbcp", "org.apache.wicket.util.upload", "org.apache.xbean", "org.eclipse.jetty.jndi",
			"org.eclipse.jetty.plus", "org.h2", "org.hibernate.bytecode", "org.hibernate.engine", "org.hibernate.jmx",
			"org.hibernate.property", "org.hibernate.proxy", "org.hibernate.tuple", "org.hibernate.type", "org.hsqldb",
			"org.jboss.interceptor", "org.jboss.weld.interceptor", "org.postgresql.ds", "org.quartz");

	private NeverAllowedTypes() {
	}

	static boolean contains(String name) {
		for (int end = name.length(); end > 0; end = previousSeparator(name, end)) {
			if (NAMES.contains(name.substring(0, end))) {
				return true;
			}
		}
		return false;
	}

	private static int previousSeparator(String name, int end) {
		return Math.max(name.lastIndexOf('.', end - 1), name.lastIndexOf('$', end - 1));
	}

}
