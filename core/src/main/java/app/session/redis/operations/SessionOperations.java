package app.session.redis.operations;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.Collectors;

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
import app.session.redis.index.IndexCounts;
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
 * The operations for operators of an application: counting, listing, describing and
 * ending sessions. They never return a session id, nor the value of an attribute other
 * than the {@linkplain #client client's details}, and don't count as accesses. Their cost
 * doesn't depend on the number of sessions, except for ending those of an index value,
 * and for counting by several values or by each value of an index.
 *
 * <p>
 * All methods that send commands throw a {@link SessionStoreUnavailableException} if
 * Redis doesn't reply within the command timeout, or refuses a command.
 */
public final class SessionOperations {

	/** The attributes whose values are returned. */
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
	 * @param scope supplies the scope of the calling thread's request, or
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
	 * Returns the state of the store: one script that counts, and {@code GET}, in one
	 * round trip; on a cluster, one script for each of 16 parts.
	 * @return the state
	 */
	public SessionStoreState state() {
		ExpiryState state = BlockingCaller.result(expiryState());
		Collector collector = this.engine.parts().collector();
		return new SessionStoreState(state.sessions(), state.collector(), state.overdue(),
				this.engine.settings().collector().enabled(), collector.isLeading(), collector.lastSweep());
	}

	/**
	 * Returns whether this node currently collects expired sessions. Sends no command.
	 * @return whether this node collects
	 */
	public boolean isCollecting() {
		return this.engine.parts().collector().isLeading();
	}

	/**
	 * Returns the state of the circuit breaker, which determines whether commands are
	 * sent to Redis.
	 * @return the state, or null if there is no circuit breaker
	 */
	public CircuitBreaker.@Nullable State breaker() {
		CircuitBreaker breaker = this.engine.settings().availability().circuitBreaker();
		return (breaker != null && !this.engine.parts().sender().isCluster()) ? breaker.getState() : null;
	}

	/**
	 * Counts the living sessions: one round trip, regardless of their number. An expired
	 * session counts until the collector has processed it.
	 * @return the number of sessions
	 */
	public long count() {
		return BlockingCaller.result(this.calls.observe(this.scope.get(), StoreOperation.COUNT, this::expiryState))
			.sessions();
	}

	/**
	 * Counts the sessions of an index value: one round trip. An expired session counts
	 * until the collector has processed it, and a session whose entry is being moved to
	 * another form counts twice. If the sessions of a principal are limited, a log-in in
	 * progress counts.
	 * @param indexName the index, for example
	 * {@link FindByIndexNameSessionRepository#PRINCIPAL_NAME_INDEX_NAME}
	 * @param indexValue the value
	 * @return the number of sessions
	 */
	public long count(String indexName, String indexValue) {
		return BlockingCaller.result(this.calls.observe(this.scope.get(), StoreOperation.COUNT,
				() -> receive(this.index.count(this.values.entries(indexName, indexValue)))));
	}

	/**
	 * Reads a page of the living sessions, in no particular order, without their
	 * attributes and without scanning keys: two round trips for most pages. A session
	 * that exists from the first page to the last is returned at least once, and possibly
	 * twice.
	 * @param cursor the start of the page: {@link SessionPage#next()} of the previous
	 * page, or null for the first
	 * @param limit the approximate number of sessions on the page; up to 127 more are
	 * possible
	 * @return the page
	 * @throws IllegalArgumentException if the cursor is none, or the limit not positive
	 */
	public SessionPage page(@Nullable String cursor, int limit) {
		return page(() -> this.listing.page(cursor, positive(limit)));
	}

	/**
	 * Reads a page of the sessions of an index value in the same way.
	 * @param indexName the index, for example
	 * {@link FindByIndexNameSessionRepository#PRINCIPAL_NAME_INDEX_NAME}
	 * @param indexValue the value
	 * @param cursor the start of the page, or null for the first
	 * @param limit the approximate number of sessions on the page
	 * @return the page
	 * @throws IllegalArgumentException if the cursor is none, or the limit not positive
	 * @see #page(Map, String, int)
	 */
	public SessionPage page(String indexName, String indexValue, @Nullable String cursor, int limit) {
		return page(Map.of(indexName, indexValue), List.of(this.values.entries(indexName, indexValue)), cursor, limit);
	}

	/**
	 * Reads a page of the sessions that have all of several index values. Reads the
	 * sessions of the value with the fewest in steps, as for a page of that value alone,
	 * with one more round trip for each step, which selects those that have the other
	 * values. A page takes at most 10 steps with at most 1,000 of these sessions each, so
	 * that it can be empty although more follow. Sealed sessions are read, because only
	 * their attributes prove that they belong to an index value: one more round trip for
	 * each value.
	 * @param values the index values by the names of the indexes, for example
	 * {@code Map.of("tenant", "x", "product", "42")}
	 * @param cursor the start of the page, or null for the first
	 * @param limit the approximate number of sessions on the page
	 * @return the page
	 * @throws IllegalArgumentException if there are no values, there is no such index,
	 * the cursor is none, or the limit not positive
	 */
	public SessionPage page(Map<String, String> values, @Nullable String cursor, int limit) {
		return page(values, this.engine.search().criteria(values), cursor, limit);
	}

	private SessionPage page(Map<String, String> values, List<List<IndexEntry>> criteria, @Nullable String cursor,
			int limit) {
		SessionPage page = page(() -> this.listing.page(criteria, cursor, positive(limit)));
		Set<String> sealed = page.sessions()
			.stream()
			.filter((session) -> session.seal().isSealed())
			.map(SessionDescription::handle)
			.collect(Collectors.toSet());
		Set<String> confirming = sealed;
		for (Map.Entry<String, String> value : values.entrySet()) {
			if (!confirming.isEmpty()) {
				confirming = BlockingCaller.result(this.engine.reader()
					.confirming(this.scope.get(), List.copyOf(confirming), value.getKey(), value.getValue()));
			}
		}
		Set<String> confirmed = confirming;
		return new SessionPage(page.sessions()
			.stream()
			.filter((session) -> !session.seal().isBroken()
					&& (!session.seal().isSealed() || confirmed.contains(session.handle())))
			.toList(), page.next());
	}

	/**
	 * Counts the sessions that have all of several index values: {@code ZCARD} of each
	 * value, and two round trips for each 1,000 sessions of the value with the fewest. An
	 * expired session counts until the collector has processed it.
	 * @param values the index values by the names of the indexes
	 * @return the number of sessions
	 * @throws IllegalArgumentException if there are no values, or no such index
	 */
	public long count(Map<String, String> values) {
		return BlockingCaller.result(this.engine.search().count(this.scope.get(), values));
	}

	/**
	 * Counts the sessions of each value of an index, for example of each tenant: two
	 * round trips for each 1,000 sessions of the store, whichever page is read. No
	 * command takes longer than about a millisecond. A session with several values counts
	 * for each.
	 * @param indexName the name of the index, for example
	 * {@link FindByIndexNameSessionRepository#PRINCIPAL_NAME_INDEX_NAME}
	 * @param after the value after which the page begins: {@link IndexCounts#next()} of
	 * the previous page, or null for the first
	 * @param limit the maximum number of values on the page
	 * @return the values in the order of {@link String}, with their counts
	 * @throws IllegalArgumentException if there is no such index, or the limit is not
	 * positive
	 * @throws IllegalStateException if values are encrypted: Redis then has only digests
	 * of index values
	 */
	public IndexCounts counts(String indexName, @Nullable String after, int limit) {
		return BlockingCaller.result(this.engine.search().counts(this.scope.get(), indexName, after, positive(limit)));
	}

	private SessionPage page(Supplier<CompletionStage<SessionPage>> pages) {
		return BlockingCaller
			.result(this.calls.observe(this.scope.get(), StoreOperation.PAGE, () -> receive(pages.get())));
	}

	private CompletionStage<ExpiryState> expiryState() {
		return receive(this.engine.parts().expiry().state());
	}

	private <T extends @Nullable Object> CompletionStage<T> receive(CompletionStage<T> reply) {
		return this.calls.receive(this.scope.get(), reply);
	}

	private @Nullable SessionRecord load(SessionName name) {
		return BlockingCaller.result(this.engine.reader().load(this.scope.get(), name.handle(), name.digest()));
	}

	private static int positive(int limit) {
		if (limit < 1) {
			throw new IllegalArgumentException("A page must have at least one session, but the limit is " + limit);
		}
		return limit;
	}

	/**
	 * Describes a session, its sizes and timeouts, without reading its attributes: one
	 * round trip, and one more for a full id, whose secret must match.
	 * @param id its handle, alias or full id
	 * @return the description, or null if there is no such session
	 */
	public @Nullable SessionDescription describe(String id) {
		SessionName name = this.names.parse(id);
		if (name == null || (name.id() != null && load(name) == null)) {
			return null;
		}
		return BlockingCaller.result(this.calls.observe(this.scope.get(), StoreOperation.DESCRIBE,
				() -> receive(this.listing.describe(name.handle()))));
	}

	/**
	 * Returns the handle of a session, which identifies it in logs and reports. Sends no
	 * command.
	 * @param id its handle, alias or full id
	 * @return the handle, or null if the text is none of these
	 */
	public @Nullable String handle(@Nullable String id) {
		SessionName name = this.names.parse(id);
		return (name != null) ? name.handle() : null;
	}

	/**
	 * Returns the classes of a session's attributes, as far as the stored bytes contain
	 * them. No value is deserialized and no class is loaded. Reads the session: one round
	 * trip.
	 * @param id its handle, alias or full id
	 * @return the known class names by attribute name; empty if there is no such session
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
	 * Returns the principal of a session. Sends no command.
	 * @param session the description of the session
	 * @return the name of the principal; null if there is none, or if the session is
	 * sealed, so that only its attributes could prove it
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
	 * Returns the client for which a session was created, if it was recorded. Sends no
	 * command.
	 * @param session the description of the session
	 * @return the client, or null if nothing is known
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
	 * Ends a session: one round trip. The end is published as for any deleted session.
	 * @param id its handle, alias or full id
	 * @return whether a living session was ended
	 */
	public boolean end(String id) {
		return BlockingCaller.result(this.engine.ender().delete(this.scope.get(), id, DeletionReason.OPERATOR));
	}

	/**
	 * Ends all sessions of an index value: two round trips to find 500 of them, and one
	 * for each 250 to delete them.
	 * @param indexName the index, for example
	 * {@link FindByIndexNameSessionRepository#PRINCIPAL_NAME_INDEX_NAME}
	 * @param indexValue the value
	 * @return the number of ended sessions
	 */
	public int end(String indexName, String indexValue) {
		return BlockingCaller.result(
				this.engine.ender().deleteByIndex(this.scope.get(), indexName, indexValue, DeletionReason.OPERATOR));
	}

	/**
	 * Ends all sessions that have all of several index values.
	 * @param values the index values by the names of the indexes
	 * @return the number of ended sessions
	 * @throws IllegalArgumentException if there are no values, or no such index
	 */
	public int end(Map<String, String> values) {
		return BlockingCaller
			.result(this.engine.ender().deleteByIndexes(this.scope.get(), values, DeletionReason.OPERATOR));
	}

	/**
	 * Returns a repository for interfaces of Spring Session that display ids, such as
	 * Spring Boot's {@code sessions} endpoint: the id of each session is its handle,
	 * which gives no access. Sessions can be found and deleted, but not created or
	 * changed.
	 * @return the repository
	 */
	public FindByIndexNameSessionRepository<Session> sessionsByHandle() {
		return new SessionsByHandle(this.engine, this.scope);
	}

	/**
	 * Returns the types that this node has stored with {@code setTypeCheck(WARN)}
	 * although they are not allowed. Sends no command.
	 * @return the types, none of which originates from Redis
	 */
	public List<Unlisted> unlistedTypes() {
		return this.codec.unlisted().list();
	}

	/**
	 * Returns the counters of this node since its start. Sends no command.
	 * @return the statistics
	 */
	public SessionStatistics statistics() {
		return this.engine.statistics();
	}

}
