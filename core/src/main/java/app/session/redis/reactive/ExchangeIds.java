package app.session.redis.reactive;

import java.time.Duration;
import java.util.List;

import app.session.redis.session.SentIdValues;

import org.springframework.http.ResponseCookie;
import org.springframework.util.MultiValueMap;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.session.CookieWebSessionIdResolver;
import org.springframework.web.server.session.WebSessionIdResolver;

/**
 * Reads and sends the ids of sessions. Accepts the cookies of servlet applications, too,
 * in which Spring Session encodes the id in Base64; each cookie results in one decoded
 * id, and one more if it has the route of another node. Sends nothing if the exchange is
 * handled as if its client had no session, so that the client keeps its cookie.
 *
 * @param resolver the resolver that reads and sends the values
 */
record ExchangeIds(WebSessionIdResolver resolver) implements WebSessionIdResolver {

	/** The maximum age that Spring Session's remember-me services give to cookies. */
	private static final Duration PERSISTENT = Duration.ofSeconds(Integer.MAX_VALUE);

	@Override
	public List<String> resolveSessionIds(ServerWebExchange exchange) {
		List<String> sent = this.resolver.resolveSessionIds(exchange);
		return switch (sent.size()) {
			case 0 -> sent;
			case 1 -> SentIdValues.withoutRoutes(List.of(SentIdValues.decode(sent.get(0))));
			default -> SentIdValues.withoutRoutes(sent.stream().map(SentIdValues::decode).distinct().toList());
		};
	}

	@Override
	public void setSessionId(ServerWebExchange exchange, String id) {
		if (isAnonymous(exchange)) {
			return;
		}
		this.resolver.setSessionId(exchange, id);
		if (ReactiveStaySignedIn.isApplied(exchange) && this.resolver instanceof CookieWebSessionIdResolver cookies) {
			MultiValueMap<String, ResponseCookie> sent = exchange.getResponse().getCookies();
			ResponseCookie cookie = sent.getFirst(cookies.getCookieName());
			if (cookie != null) {
				sent.set(cookies.getCookieName(), cookie.mutate().maxAge(PERSISTENT).build());
			}
		}
	}

	@Override
	public void expireSession(ServerWebExchange exchange) {
		if (!isAnonymous(exchange)) {
			this.resolver.expireSession(exchange);
		}
	}

	private static boolean isAnonymous(ServerWebExchange exchange) {
		SessionExchange session = SessionExchange.of(exchange);
		return session != null && session.scope().isAnonymous();
	}

}
