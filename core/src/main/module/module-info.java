/**
 * HTTP sessions kept in Redis, without Spring Boot.
 *
 * <p>
 * Packages that are exported to every module contain types for applications, which
 * {@code public-api.txt} lists; all other types may change in any release. The class path
 * doesn't enforce this.
 */
module app.session.redis {

	requires transitive io.github.resilience4j.circuitbreaker;
	requires transitive micrometer.commons;
	requires transitive micrometer.observation;
	requires transitive reactor.core;
	requires transitive spring.beans;
	requires transitive spring.context;
	requires transitive spring.data.redis;
	requires transitive spring.session.core;
	requires transitive spring.tx;
	requires transitive spring.web;
	requires com.github.benmanes.caffeine;
	requires io.github.resilience4j.core;
	requires io.netty.common;
	requires java.sql;
	requires lettuce.core;
	requires org.apache.commons.logging;
	requires spring.core;
	requires static transitive jakarta.servlet;
	requires static transitive org.jspecify;
	requires static com.fasterxml.jackson.annotation;
	requires static com.github.luben.zstd_jni;
	requires static org.apache.commons.pool2;
	requires static org.lz4.java;
	requires static spring.security.core;
	requires static spring.security.oauth2.client;
	requires static spring.security.oauth2.core;
	requires static spring.webmvc;
	requires static spring.websocket;
	requires static tools.jackson.core;
	requires static tools.jackson.databind;

	exports app.session.redis;
	exports app.session.redis.codec;
	exports app.session.redis.engine;
	exports app.session.redis.event;
	exports app.session.redis.index;
	exports app.session.redis.lock;
	exports app.session.redis.oauth2;
	exports app.session.redis.observation;
	exports app.session.redis.operations;
	exports app.session.redis.reactive;
	exports app.session.redis.servlet;
	exports app.session.redis.session;
	exports app.session.redis.settings;

	exports app.session.redis.client to app.session.redis.autoconfigure, spring.core;
	exports app.session.redis.log to app.session.redis.autoconfigure;

	/* SessionRuntimeHints */
	opens app.session.redis.client to spring.core;

}
