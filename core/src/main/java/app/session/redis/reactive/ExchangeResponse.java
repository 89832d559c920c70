package app.session.redis.reactive;

import java.nio.file.Path;
import java.util.function.Supplier;

import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.ZeroCopyHttpOutputMessage;
import org.springframework.http.server.reactive.ChannelSendOperator;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;

/**
 * The response of an exchange: saves the session when the first element of its body is
 * available, before the container's response is committed. An action before the commit
 * would be too late: if it fails, responses of servlet containers can't be written any
 * more (Spring Framework 7.0). If the session can't be saved, nothing that the
 * application writes in place of its response is committed, so that
 * {@link UnavailableSessionHandler} responds.
 */
class ExchangeResponse extends ServerHttpResponseDecorator {

	private final SessionExchange session;

	private ExchangeResponse(ServerHttpResponse response, SessionExchange session) {
		super(response);
		this.session = session;
	}

	static ServerHttpResponse of(ServerHttpResponse response, SessionExchange session) {
		return (response instanceof ZeroCopyHttpOutputMessage) ? new ZeroCopy(response, session)
				: new ExchangeResponse(response, session);
	}

	final Mono<Void> saved(Supplier<Mono<Void>> write) {
		return beforeWrite().then(Mono.defer(write));
	}

	/** Saves the session; the headers of a body that is not written are removed. */
	private Mono<Void> beforeWrite() {
		return this.session.beforeWrite().doOnError((failure) -> getHeaders().clearContentHeaders());
	}

	@Override
	public Mono<Void> writeWith(Publisher<? extends DataBuffer> body) {
		if (body instanceof Mono<? extends DataBuffer> single) {
			return single
				.flatMap((buffer) -> beforeWrite().doOnError((failure) -> DataBufferUtils.release(buffer))
					.doOnCancel(() -> DataBufferUtils.release(buffer))
					.then(Mono.defer(() -> super.writeWith(Mono.just(buffer)))))
				.doOnDiscard(DataBuffer.class, DataBufferUtils::release);
		}
		return new ChannelSendOperator<>(body, (inner) -> saved(() -> super.writeWith(inner)));
	}

	@Override
	public Mono<Void> writeAndFlushWith(Publisher<? extends Publisher<? extends DataBuffer>> body) {
		return new ChannelSendOperator<>(body, (inner) -> saved(() -> super.writeAndFlushWith(inner)));
	}

	@Override
	public Mono<Void> setComplete() {
		return saved(super::setComplete);
	}

	/** A response to which files are written without copying them through this JVM. */
	private static final class ZeroCopy extends ExchangeResponse implements ZeroCopyHttpOutputMessage {

		ZeroCopy(ServerHttpResponse response, SessionExchange session) {
			super(response, session);
		}

		@Override
		public Mono<Void> writeWith(Path file, long position, long count) {
			return saved(() -> ((ZeroCopyHttpOutputMessage) getDelegate()).writeWith(file, position, count));
		}

	}

}
