package app.session.redis.benchmarks.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.lettuce.core.RedisFuture;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

/**
 * The minimum that any store in Redis does for a request: one {@code HGETALL} over a
 * shared connection, whose reply is not parsed.
 */
final class FloorServlet extends HttpServlet {

	private static final long serialVersionUID = 1L;

	private static final String COOKIE = "KEY";

	@SuppressWarnings("serial") // a servlet is never serialized
	private final RedisClusterAsyncCommands<byte[], byte[]> commands;

	FloorServlet(RedisClusterAsyncCommands<byte[], byte[]> commands) {
		this.commands = commands;
	}

	@Override
	protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
		String key = key(request.getCookies());
		if (request.getServletPath().equals("/nosession") || key.isEmpty()) {
			SessionServlet.answer(response, HttpServletResponse.SC_OK, "ok");
			return;
		}
		Map<byte[], byte[]> hash = await(this.commands.hgetall(bytes(key)));
		SessionServlet.answer(response, hash.isEmpty() ? HttpServletResponse.SC_NOT_FOUND : HttpServletResponse.SC_OK,
				"ok");
	}

	@Override
	protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
		String key = UUID.randomUUID().toString();
		for (int i = 0; i < SessionServlet.number(request, "attributes", 8); i++) {
			await(this.commands.hset(bytes(key), bytes("a" + i),
					bytes(Values.next(SessionServlet.number(request, "size", 128)))));
		}
		response.addCookie(new Cookie(COOKIE, key));
		SessionServlet.answer(response, HttpServletResponse.SC_OK, "ok");
	}

	private static String key(Cookie @Nullable [] cookies) {
		if (cookies != null) {
			for (Cookie cookie : cookies) {
				if (cookie.getName().equals(COOKIE)) {
					return cookie.getValue();
				}
			}
		}
		return "";
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	private static <T> T await(RedisFuture<T> future) throws IOException {
		try {
			return future.get(1, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IOException(ex);
		}
		catch (ExecutionException | TimeoutException ex) {
			throw new IOException(ex);
		}
	}

}
