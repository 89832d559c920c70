package app.session.redis.autoconfigure.reactive;

import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.ServerWebExchangeDecorator;

/**
 * A view of an exchange with which its handler is determined in advance. Attributes that
 * are set, and what a response to a cross-origin request would contain, are discarded.
 */
final class UntouchedExchange extends ServerWebExchangeDecorator {

	private final Map<String, Object> attributes;

	private final ServerHttpResponse response;

	UntouchedExchange(ServerWebExchange exchange) {
		super(exchange);
		this.attributes = new HashMap<>(exchange.getAttributes());
		this.response = new DiscardedResponse(exchange.getResponse());
	}

	@Override
	public Map<String, Object> getAttributes() {
		return this.attributes;
	}

	@Override
	public ServerHttpResponse getResponse() {
		return this.response;
	}

	private static final class DiscardedResponse extends ServerHttpResponseDecorator {

		private final HttpHeaders headers = new HttpHeaders();

		DiscardedResponse(ServerHttpResponse response) {
			super(response);
		}

		@Override
		public HttpHeaders getHeaders() {
			return this.headers;
		}

		@Override
		public boolean setStatusCode(@Nullable HttpStatusCode status) {
			return false;
		}

		@Override
		public Mono<Void> writeWith(Publisher<? extends DataBuffer> body) {
			return Mono.empty();
		}

		@Override
		public Mono<Void> setComplete() {
			return Mono.empty();
		}

	}

}
