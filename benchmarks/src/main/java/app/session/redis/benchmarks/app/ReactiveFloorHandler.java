package app.session.redis.benchmarks.app;

import java.nio.charset.StandardCharsets;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.UUID;

import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import reactor.core.publisher.Mono;

import org.springframework.http.HttpCookie;
import org.springframework.http.ResponseCookie;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * The minimum that any store in Redis does for an exchange, as {@link FloorServlet} does
 * for a request: one {@code HGETALL}. The exchange continues on the thread of the Redis
 * client.
 */
final class ReactiveFloorHandler {

	private static final String COOKIE = "KEY";

	private final RedisClusterAsyncCommands<byte[], byte[]> commands;

	ReactiveFloorHandler(RedisClusterAsyncCommands<byte[], byte[]> commands) {
		this.commands = commands;
	}

	Mono<ServerResponse> read(ServerRequest request) {
		HttpCookie cookie = request.cookies().getFirst(COOKIE);
		if (cookie == null) {
			return WebSessionHandler.notFound();
		}
		return Mono.fromCompletionStage(() -> this.commands.hgetall(bytes(cookie.getValue()))).flatMap((hash) -> {
			Values.digest(WebSessionHandler.number(request, "digest", 0));
			return hash.isEmpty() ? WebSessionHandler.notFound() : WebSessionHandler.answer("ok");
		});
	}

	Mono<ServerResponse> create(ServerRequest request) {
		String key = UUID.randomUUID().toString();
		Map<byte[], byte[]> attributes = new IdentityHashMap<>();
		for (int i = 0; i < WebSessionHandler.number(request, "attributes", 8); i++) {
			attributes.put(bytes("a" + i), bytes(Values.next(WebSessionHandler.number(request, "size", 128))));
		}
		return Mono.fromCompletionStage(() -> this.commands.hset(bytes(key), attributes))
			.then(ServerResponse.ok().cookie(ResponseCookie.from(COOKIE, key).build()).bodyValue("ok"));
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
