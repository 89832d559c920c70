package app.session.redis.test;

import java.io.IOException;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * An OpenID Connect provider for the client {@code client}: issues signed ID tokens,
 * access tokens that expire at once until they are refreshed, and signed logout tokens.
 */
public final class OidcProvider implements AutoCloseable {

	/** The id of the client to which ID tokens are issued. */
	public static final String CLIENT_ID = "client";

	private final HttpServer http;

	private final ExecutorService executor = Executors.newCachedThreadPool();

	private final KeyPair keys;

	private final Map<String, Map<String, Object>> logIns = new ConcurrentHashMap<>();

	private final AtomicInteger refreshes = new AtomicInteger();

	private OidcProvider(HttpServer http, KeyPair keys) {
		this.http = http;
		this.keys = keys;
	}

	/** Starts a provider. */
	public static OidcProvider start() {
		try {
			OidcProvider provider = new OidcProvider(HttpServer.create(new InetSocketAddress("localhost", 0), 0),
					keys());
			provider.http.setExecutor(provider.executor);
			provider.http.createContext("/keys", provider::keys);
			provider.http.createContext("/token", provider::token);
			provider.http.start();
			return provider;
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static KeyPair keys() {
		try {
			KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
			generator.initialize(2048);
			return generator.generateKeyPair();
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** Returns the address of the provider, which is also its name as an issuer. */
	public String url() {
		return "http://localhost:" + this.http.getAddress().getPort();
	}

	/** Returns how often an access token was refreshed. */
	public int refreshes() {
		return this.refreshes.get();
	}

	/**
	 * Logs a user in.
	 * @param subject the user
	 * @param session the provider's session
	 * @param nonce the nonce of the authorization request
	 * @return the authorization code
	 */
	public String logIn(String subject, String session, String nonce) {
		String code = UUID.randomUUID().toString();
		long now = Instant.now().getEpochSecond();
		Map<String, Object> claims = new LinkedHashMap<>();
		claims.put("iss", url());
		claims.put("aud", CLIENT_ID);
		claims.put("sub", subject);
		claims.put("sid", session);
		claims.put("nonce", nonce);
		claims.put("iat", now);
		claims.put("exp", now + 300);
		this.logIns.put(code, claims);
		return code;
	}

	/**
	 * Returns a signed logout token.
	 * @param claims claims that are added, or replace others; null removes one
	 * @return the token
	 */
	public String logoutToken(Map<String, ?> claims) {
		Map<String, Object> all = new LinkedHashMap<>();
		long now = Instant.now().getEpochSecond();
		all.put("iss", url());
		all.put("aud", CLIENT_ID);
		all.put("iat", now);
		all.put("exp", now + 120);
		all.put("jti", UUID.randomUUID().toString());
		all.put("events", Map.of("http://schemas.openid.net/event/backchannel-logout", Map.of()));
		all.putAll(claims);
		return sign("logout+jwt", all);
	}

	private String sign(String type, Map<String, ?> claims) {
		String content = base64(json(Map.of("alg", "RS256", "typ", type, "kid", "k1"))) + "." + base64(json(claims));
		try {
			Signature signature = Signature.getInstance("SHA256withRSA");
			signature.initSign(this.keys.getPrivate());
			signature.update(content.getBytes(StandardCharsets.US_ASCII));
			return content + "." + base64(signature.sign());
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static String json(Object value) {
		if (value instanceof Map<?, ?> map) {
			return map.entrySet()
				.stream()
				.map((entry) -> "\"" + entry.getKey() + "\":" + json(entry.getValue()))
				.collect(Collectors.joining(",", "{", "}"));
		}
		return (value instanceof Number) ? value.toString() : "\"" + value + "\"";
	}

	private static String base64(String text) {
		return base64(text.getBytes(StandardCharsets.UTF_8));
	}

	private static String base64(byte[] bytes) {
		return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
	}

	private void keys(HttpExchange exchange) throws IOException {
		RSAPublicKey key = (RSAPublicKey) this.keys.getPublic();
		send(exchange,
				"{\"keys\":["
						+ json(Map.of("kty", "RSA", "kid", "k1", "alg", "RS256", "use", "sig", "n",
								base64(unsigned(key.getModulus())), "e", base64(unsigned(key.getPublicExponent()))))
						+ "]}");
	}

	private static byte[] unsigned(BigInteger number) {
		byte[] bytes = number.toByteArray();
		return (bytes[0] == 0) ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
	}

	private void token(HttpExchange exchange) throws IOException {
		String form = URLDecoder.decode(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8),
				StandardCharsets.UTF_8);
		Map<String, Object> answer = new LinkedHashMap<>(Map.of("token_type", "Bearer", "refresh_token", "refresh"));
		if (form.contains("grant_type=refresh_token")) {
			answer.put("access_token", "refreshed-" + this.refreshes.incrementAndGet());
			answer.put("expires_in", 3600);
		}
		else {
			String code = form.replaceFirst("(?s)^(.*&)?code=([^&]*).*$", "$2");
			answer.put("access_token", "expired");
			answer.put("expires_in", 1);
			answer.put("id_token", sign("JWT", this.logIns.getOrDefault(code, Map.of())));
		}
		send(exchange, json(answer));
	}

	private static void send(HttpExchange exchange, String json) throws IOException {
		byte[] body = json.getBytes(StandardCharsets.UTF_8);
		exchange.getResponseHeaders().set("Content-Type", "application/json");
		exchange.sendResponseHeaders(200, body.length);
		exchange.getResponseBody().write(body);
		exchange.close();
	}

	@Override
	public void close() {
		this.http.stop(0);
		this.executor.shutdown();
	}

}
