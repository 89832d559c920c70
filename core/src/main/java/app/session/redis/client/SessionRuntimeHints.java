package app.session.redis.client;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.TypeReference;

/**
 * Registers the scripts, the lists of clients and the library's JSON mixin for native
 * images. Spring Session, Spring Security and applications register the types that they
 * store.
 */
final class SessionRuntimeHints implements RuntimeHintsRegistrar {

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		hints.resources().registerPattern("app/session/redis/client/*.lua");
		hints.resources().registerPattern("app/session/redis/session/*.txt");
		hints.reflection().registerType(TypeReference.of("app.session.redis.codec.AuthenticationExceptionMixin"));
	}

}
