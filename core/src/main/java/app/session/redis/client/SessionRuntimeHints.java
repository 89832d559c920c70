package app.session.redis.client;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.TypeReference;

/**
 * Keeps the scripts and the lists of clients in a native image, and what JSON needs of
 * ours. What applications and Spring Security store, Spring Session and they themselves
 * register.
 */
final class SessionRuntimeHints implements RuntimeHintsRegistrar {

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		hints.resources().registerPattern("app/session/redis/client/*.lua");
		hints.resources().registerPattern("app/session/redis/session/*.txt");
		hints.reflection().registerType(TypeReference.of("app.session.redis.codec.AuthenticationExceptionMixin"));
	}

}
