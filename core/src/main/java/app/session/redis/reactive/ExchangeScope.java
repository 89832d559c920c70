package app.session.redis.reactive;

import app.session.redis.session.SessionScope;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * The scope of an exchange in the Reactor context of everything that runs for it.
 */
final class ExchangeScope {

	private ExchangeScope() {
	}

	/** Adds the scope of an exchange to a context. */
	static Context in(Context context, SessionScope scope) {
		return context.put(ExchangeScope.class, scope);
	}

	/** Returns the scope of the context, or {@link SessionScope#none()}. */
	static Mono<SessionScope> current() {
		return Mono.deferContextual((context) -> Mono.just(of(context)));
	}

	/** Returns the scope of a context, or {@link SessionScope#none()}. */
	static SessionScope of(ContextView context) {
		SessionScope scope = context.getOrDefault(ExchangeScope.class, null);
		return (scope != null) ? scope : SessionScope.none();
	}

}
