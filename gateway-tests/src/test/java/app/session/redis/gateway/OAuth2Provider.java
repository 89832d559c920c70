package app.session.redis.gateway;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * A provider of access tokens, the first of which have expired already, and a resource
 * server that responds with the token of the request.
 */
final class OAuth2Provider implements AutoCloseable {

	private final HttpServer http = HttpServer.create(new InetSocketAddress("localhost", 0), 0);

	private final ExecutorService executor = Executors.newCachedThreadPool();

	private final AtomicInteger refreshes = new AtomicInteger();

	OAuth2Provider() throws IOException {
		this.http.setExecutor(this.executor);
		this.http.createContext("/token", this::token);
		this.http.createContext("/user", (exchange) -> send(exchange, "application/json", "{\"name\":\"dora\"}"));
		this.http.createContext("/resource",
				(exchange) -> send(exchange, "text/plain", exchange.getRequestHeaders().getFirst("Authorization")));
		this.http.start();
	}

	private void token(HttpExchange exchange) throws IOException {
		String form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
		boolean refresh = form.contains("grant_type=refresh_token");
		String token = refresh ? "refreshed-" + this.refreshes.incrementAndGet() : "expired";
		send(exchange, "application/json", "{\"access_token\":\"" + token + "\",\"token_type\":\"Bearer\","
				+ "\"refresh_token\":\"refresh\",\"expires_in\":" + (refresh ? 3600 : 1) + "}");
	}

	private static void send(HttpExchange exchange, String type, String text) throws IOException {
		exchange.getRequestBody().readAllBytes();
		exchange.getResponseHeaders().set("Content-Type", type);
		byte[] body = String.valueOf(text).getBytes(StandardCharsets.UTF_8);
		exchange.sendResponseHeaders(200, body.length);
		exchange.getResponseBody().write(body);
		exchange.close();
	}

	String url() {
		return "http://localhost:" + this.http.getAddress().getPort();
	}

	int refreshes() {
		return this.refreshes.get();
	}

	@Override
	public void close() {
		this.http.stop(0);
		this.executor.shutdown();
	}

}
