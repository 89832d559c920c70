package app.session.redis.reactive;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import app.session.redis.session.ClientDetails;
import app.session.redis.session.RequestClient;
import io.micrometer.observation.Observation;
import org.jspecify.annotations.Nullable;
import reactor.util.context.ContextView;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.web.server.ServerWebExchange;

/**
 * The client of an exchange, as its headers and address describe it.
 */
final class ExchangeClient implements RequestClient {

	/** The key of {@code ObservationThreadLocalAccessor}, under which Spring puts it. */
	private static final String OBSERVATION = "micrometer.observation";

	private final ServerWebExchange exchange;

	private final ExchangeIds ids;

	private final ReactiveBotDetector botDetector;

	private final CompletableFuture<@Nullable Void> disconnected = new CompletableFuture<>();

	private volatile boolean passive;

	private volatile @Nullable List<String> sentIds;

	private volatile @Nullable Observation observation;

	ExchangeClient(ServerWebExchange exchange, ExchangeIds ids, ReactiveBotDetector botDetector) {
		this.exchange = exchange;
		this.ids = ids;
		this.botDetector = botDetector;
	}

	/** Takes the observation of the exchange from a context. */
	void setObservation(ContextView context) {
		this.observation = context.getOrDefault(OBSERVATION, null);
	}

	/** Marks the request as passive, before its session is looked up. */
	void passive() {
		this.passive = true;
	}

	/** Records that the client has disconnected. */
	void disconnect() {
		this.disconnected.complete(null);
	}

	@Override
	public boolean isBot() {
		return this.botDetector.isBot(this.exchange);
	}

	@Override
	public boolean isPassive() {
		return this.passive;
	}

	@Override
	public boolean isSafe() {
		HttpMethod method = this.exchange.getRequest().getMethod();
		return (method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD))
				&& !"websocket".equalsIgnoreCase(this.exchange.getRequest().getHeaders().getFirst(HttpHeaders.UPGRADE));
	}

	@Override
	public ClientDetails details() {
		InetSocketAddress address = this.exchange.getRequest().getRemoteAddress();
		return ClientDetails.of((address != null) ? host(address) : null,
				this.exchange.getRequest().getHeaders().getFirst(HttpHeaders.USER_AGENT));
	}

	/** Returns the address, which is unresolved if it comes from a forwarded header. */
	private static String host(InetSocketAddress address) {
		return address.isUnresolved() ? address.getHostString() : address.getAddress().getHostAddress();
	}

	@Override
	public List<String> sentIds() {
		List<String> sent = this.sentIds;
		if (sent == null) {
			sent = this.ids.resolveSessionIds(this.exchange);
			this.sentIds = sent;
		}
		return sent;
	}

	@Override
	public @Nullable Observation observation() {
		return this.observation;
	}

	@Override
	public CompletionStage<?> disconnected() {
		return this.disconnected;
	}

}
