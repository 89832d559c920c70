package app.session.redis.operations;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

import app.session.redis.DeletionReason;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.client.BlockingCaller;
import app.session.redis.codec.SessionSeal;
import app.session.redis.codec.UnlistedTypes.Unlisted;
import app.session.redis.codec.UnreadableValueException;
import app.session.redis.codec.ValueCodec;
import app.session.redis.engine.EngineParts;
import app.session.redis.engine.SessionEngine;
import app.session.redis.engine.StoreCalls;
import app.session.redis.expiry.Collector;
import app.session.redis.expiry.ExpiryStore.ExpiryState;
import app.session.redis.index.IndexStore;
import app.session.redis.index.IndexValues;
import app.session.redis.index.ListingStore;
import app.session.redis.index.SessionDescription;
import app.session.redis.index.SessionPage;
import app.session.redis.observation.SessionStatistics;
import app.session.redis.observation.StoreOperation;
import app.session.redis.session.ClientDetails;
import app.session.redis.session.SessionName;
import app.session.redis.session.SessionNames;
import app.session.redis.session.SessionScope;
import app.session.redis.store.IndexEntry;
import app.session.redis.store.SessionRecord;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import org.jspecify.annotations.Nullable;

import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.Session;

/**
 * What those need who look after sessions: to count, list, describe and end them. Never
 * tells an id, nor an attribute's value but for {@link #client who the client is};
 * nothing here counts as an access. What it costs doesn't depend on how many sessions
 * there are, but for ending those of an index value.
 *
 * <p>
 * All methods throw {@link SessionStoreUnavailableException} when Redis doesn't answer
 * within the command timeout, or refuses.
 */
public final class SessionOperations {

	/** Those attributes whose values are told. */
	private static final List<String> CLIENT_ATTRIBUTES = List.of(ClientDetails.ADDRESS_ATTRIBUTE,
			ClientDetails.USER_AGENT_ATTRIBUTE);

	private final SessionEngine engine;

	private final Supplier<SessionScope> scope;

	private final StoreCalls calls;

	private final ListingStore listing;

	private final IndexStore index;

	private final IndexValues values;

	private final SessionNames names;

	private final ValueCodec codec;

	/**
	 * Creates the operations.
	 * @param engine the engine
	 * @param scope gives the scope of the request that the calling thread works for, or
	 * {@link SessionScope#none()}
	 */
	public SessionOperations(SessionEngine engine, Supplier<SessionScope> scope) {
		EngineParts parts = engine.parts();
		this.engine = engine;
		this.scope = scope;
		this.calls = parts.calls();
		this.listing = new ListingStore(parts.store(), CLIENT_ATTRIBUTES);
		this.index = new IndexStore(parts.store());
		this.values = parts.indexValues();
		this.names = parts.names();
		this.codec = parts.codec();
	}

	/**
	 * Tells how the store is doing: one script that counts, and {@code GET}, in one round
	 * trip; on a cluster a script for each of 16 parts.
	 * @return the state
	 */
	public SessionStoreState state() {
		ExpiryState state = BlockingCaller.result(expiryState());
		Collector collector = this.engine.parts().collector();
		return new SessionStoreState(state.sessions(), state.collector(), state.overdue(),
				this.engine.settings().collectorEnabled(), collector.isLeading(), collector.lastSweep());
	}

	/**
	 * Whether it is this node's turn to collect expired sessions. Sends nothing.
	 * @return true if so
	 */
	public boolean isCollecting() {
		return this.engine.parts().collector().isLeading();
	}

	/**
	 * What decides whether Redis is asked, and how it decides now.
	 * @return the state of the circuit breaker; null: there is none
	 */
	public CircuitBreaker.@Nullable State breaker() {
		CircuitBreaker breaker = this.engine.settings().circuitBreaker();
		return (breaker != null && !this.engine.parts().sender().isCluster()) ? breaker.getState() : null;
	}

	/**
	 * Counts the living sessions: one round trip, whatever their number. One that has
	 * just expired counts until the collector has passed.
	 * @return how many
	 */
	public long count() {
		return BlockingCaller.result(this.calls.observe(StoreOperation.COUNT, this::expiryState)).sessions();
	}

	/**
	 * Counts the sessions of an index value: one round trip. One that has just expired
	 * counts until the collector has passed, and one whose entry is just being moved to
	 * another form counts twice. Where the sessions of a principal are limited, a log-in
	 * that is under way counts.
	 * @param indexName the index, for example
	 * {@link FindByIndexNameSessionRepository#PRINCIPAL_NAME_INDEX_NAME}
	 * @param indexValue the value
	 * @return how many
	 */
	public long count(String indexName, String indexValue) {
		return BlockingCaller.result(this.calls.observe(StoreOperation.COUNT,
				() -> ask(this.index.count(this.values.entries(indexName, indexValue)))));
	}

	/**
	 * Reads a page of the living sessions, in no order, without their attributes and
	 * without scanning keys: two round trips for most pages. A session that lives from
	 * the first page to the last is in one of them, and may be in two.
	 * @param cursor where the page begins: {@link SessionPage#next()} of the page before,
	 * or null for the first
	 * @param limit about how many sessions the page shall have; up to 127 more are
	 * possible
	 * @return the page
	 * @throws IllegalArgumentException if the cursor is none, or the limit not positive
	 */
	public SessionPage page(@Nullable String cursor, int limit) {
		return page(() -> this.listing.page(cursor, positive(limit)));
	}

	/**
	 * Reads a page of the sessions of an index value, likewise. Sealed sessions are read,
	 * because only their attributes prove that they belong there: one more round trip.
	 * @param indexName the index, for example
	 * {@link FindByIndexNameSessionRepository#PRINCIPAL_NAME_INDEX_NAME}
	 * @param indexValue the value
	 * @param cursor where the page begins, or null for the first
	 * @param limit about how many sessions the page shall have
	 * @return the page
	 * @throws IllegalArgumentException if the cursor is none, or the limit not positive
	 */
	public SessionPage page(String indexName, String indexValue, @Nullable String cursor, int limit) {
		SessionPage page = page(
				() -> this.listing.page(this.values.entries(indexName, indexValue), cursor, positive(limit)));
		List<String> sealed = page.sessions()
			.stream()
			.filter((session) -> session.seal().isSealed())
			.map(SessionDescription::handle)
			.toList();
		Set<String> confirming = sealed.isEmpty() ? Set.of() : BlockingCaller
			.result(this.engine.reader().confirming(this.scope.get(), sealed, indexName, indexValue));
		return new SessionPage(page.sessions()
			.stream()
			.filter((session) -> !session.seal().isBroken()
					&& (!session.seal().isSealed() || confirming.contains(session.handle())))
			.toList(), page.next());
	}

	private SessionPage page(Supplier<CompletionStage<SessionPage>> pages) {
		return BlockingCaller.result(this.calls.observe(StoreOperation.PAGE, () -> ask(pages.get())));
	}

	private CompletionStage<ExpiryState> expiryState() {
		return ask(this.engine.parts().expiry().state());
	}

	private <T extends @Nullable Object> CompletionStage<T> ask(CompletionStage<T> reply) {
		return this.calls.ask(this.scope.get(), reply);
	}

	private @Nullable SessionRecord load(SessionName name) {
		return BlockingCaller.result(this.engine.reader().load(this.scope.get(), name.handle(), name.digest()));
	}

	private static int positive(int limit) {
		if (limit < 1) {
			throw new IllegalArgumentException("A page has at least one session, not " + limit);
		}
		return limit;
	}

	/**
	 * Describes a session, its sizes and lifetimes, without reading its attributes: one
	 * round trip, and one more for a full id, whose secret must be the session's.
	 * @param id its handle, alias or full id
	 * @return the description, or null when there is no such session
	 */
	public @Nullable SessionDescription describe(String id) {
		SessionName name = this.names.parse(id);
		if (name == null || (name.id() != null && load(name) == null)) {
			return null;
		}
		return BlockingCaller
			.result(this.calls.observe(StoreOperation.DESCRIBE, () -> ask(this.listing.describe(name.handle()))));
	}

	/**
	 * Returns the handle of a session, by which logs and answers name it. Sends nothing.
	 * @param id its handle, alias or full id
	 * @return the handle, or null if the text is none of these
	 */
	public @Nullable String handle(@Nullable String id) {
		SessionName name = this.names.parse(id);
		return (name != null) ? name.handle() : null;
	}

	/**
	 * Tells the classes of a session's attributes, as far as their bytes tell them; no
	 * value is deserialized, and no class loaded. Reads the session: one round trip.
	 * @param id its handle, alias or full id
	 * @return names of classes by names of attributes, of those that can be told; empty
	 * when there is no such session
	 */
	public Map<String, String> types(String id) {
		Map<String, String> types = new HashMap<>();
		SessionName name = this.names.parse(id);
		SessionRecord session = (name != null) ? load(name) : null;
		if (session != null) {
			session.forEachAttribute((attribute, stored) -> {
				String type = type(session.seal(), attribute, stored);
				if (type != null) {
					types.put(attribute, type);
				}
			});
		}
		return types;
	}

	private @Nullable String type(SessionSeal seal, String name, byte[] stored) {
		try {
			return ValueCodec.type(this.codec.open(seal, name, stored));
		}
		catch (UnreadableValueException ex) {
			return null;
		}
	}

	/**
	 * The principal of a session that was described. Sends nothing.
	 * @param session the description
	 * @return the name of the principal; null: it has none, or the session is sealed, and
	 * only its attributes could prove it
	 */
	public static @Nullable String principal(SessionDescription session) {
		if (session.seal().isSealed() || session.seal().isBroken()) {
			return null;
		}
		for (IndexEntry entry : session.indexEntries()) {
			if (entry.name().equals(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME)) {
				return IndexValues.original(entry);
			}
		}
		return null;
	}

	/**
	 * Who a session that was described was created for, where that was recorded. Sends
	 * nothing.
	 * @param session the description
	 * @return the client, or null where nothing is known
	 */
	public @Nullable ClientDetails client(SessionDescription session) {
		String address = text(session, ClientDetails.ADDRESS_ATTRIBUTE);
		String userAgent = text(session, ClientDetails.USER_AGENT_ATTRIBUTE);
		return (address != null || userAgent != null) ? new ClientDetails(address, userAgent) : null;
	}

	private @Nullable String text(SessionDescription session, String attribute) {
		byte[] stored = session.values().get(attribute);
		return (stored != null) ? this.codec.text(session.seal(), attribute, stored) : null;
	}

	/**
	 * Ends a session: one round trip. Listeners are told as of any that is deleted.
	 * @param id its handle, alias or full id
	 * @return whether there was one that lived
	 */
	public boolean end(String id) {
		return BlockingCaller.result(this.engine.ender().delete(this.scope.get(), id, DeletionReason.OPERATOR));
	}

	/**
	 * Ends all sessions of an index value: two round trips to find them, one to delete
	 * them.
	 * @param indexName the index, for example
	 * {@link FindByIndexNameSessionRepository#PRINCIPAL_NAME_INDEX_NAME}
	 * @param indexValue the value
	 * @return how many were ended
	 */
	public int end(String indexName, String indexValue) {
		return BlockingCaller.result(
				this.engine.ender().deleteByIndex(this.scope.get(), indexName, indexValue, DeletionReason.OPERATOR));
	}

	/**
	 * The sessions for interfaces of Spring Session that show ids to people, as Spring
	 * Boot's {@code sessions} endpoint does: each session's id is its handle there, which
	 * opens nothing. They can be found and deleted, not made or changed.
	 * @return the sessions by their handles
	 */
	public FindByIndexNameSessionRepository<Session> sessionsByHandle() {
		return new SessionsByHandle(this.engine, this.scope);
	}

	/**
	 * Returns the types that this node has stored though they are not among the allowed
	 * ones, with {@code setTypeCheck(WARN)}. Sends nothing.
	 * @return the types, none of which comes from Redis
	 */
	public List<Unlisted> unlistedTypes() {
		return this.codec.unlisted().list();
	}

	/**
	 * What this node has counted since it started. Sends nothing.
	 * @return the statistics
	 */
	public SessionStatistics statistics() {
		return this.engine.statistics();
	}

}
