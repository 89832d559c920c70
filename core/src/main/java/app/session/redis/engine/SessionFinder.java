package app.session.redis.engine;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import app.session.redis.DeletionReason;
import app.session.redis.SessionId;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.cache.CachedSession;
import app.session.redis.cache.NearCache;
import app.session.redis.cache.Validation;
import app.session.redis.client.Stages;
import app.session.redis.migration.SessionMigration;
import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionCounts;
import app.session.redis.observation.StoreOperation;
import app.session.redis.session.KnownIds;
import app.session.redis.session.SessionName;
import app.session.redis.session.SessionNames;
import app.session.redis.session.SessionScope;
import app.session.redis.session.StoredSession;
import app.session.redis.session.StoredSessions;
import app.session.redis.settings.OnUnreadable;
import app.session.redis.settings.SessionSettings;
import app.session.redis.store.SessionContent;
import app.session.redis.store.SessionHeader;
import app.session.redis.store.SessionRecord;
import app.session.redis.store.SessionStore;
import org.jspecify.annotations.Nullable;

/**
 * Finds single sessions, by the ids that clients send or by the names that applications
 * use.
 */
public final class SessionFinder {

	private static final CompletableFuture<@Nullable StoredSession> NONE = CompletableFuture.completedFuture(null);

	private final StoreCalls calls;

	private final SessionStore store;

	private final SessionReader reader;

	private final SessionEnder ender;

	private final StoredSessions sessions;

	private final SessionNames names;

	private final KnownIds knownIds;

	private final NearCache nearCache;

	private final SessionSettings settings;

	private final SessionCounts counts;

	private final @Nullable SessionMigration migration;

	private final SentIds sentIds;

	private final ClientCheck clients;

	SessionFinder(EngineContext context, SessionReader reader, SessionEnder ender,
			@Nullable SessionMigration migration) {
		this.calls = context.calls();
		this.store = context.store();
		this.reader = reader;
		this.ender = ender;
		this.sessions = context.sessions();
		this.names = context.names();
		this.knownIds = context.knownIds();
		this.nearCache = context.nearCache();
		this.settings = context.settings();
		this.counts = context.counts();
		this.migration = migration;
		this.clients = new ClientCheck(context.settings().clientBinding(), context.counts());
		this.sentIds = new SentIds(this, context, migration);
	}

	/**
	 * Finds a session by its id, alias or handle: one round trip, or none if the request
	 * has already loaded it. Does not count as an access.
	 * @param scope the request
	 * @param id the id, alias or handle; null for none
	 * @return the session, or null if there is no living one
	 */
	public CompletionStage<@Nullable StoredSession> findById(SessionScope scope, @Nullable String id) {
		SessionName name = this.names.parse(id);
		if (name == null) {
			return none();
		}
		return (name.id() != null) ? find(scope, name.id(), false) : this.reader.findByHandle(scope, name.handle());
	}

	/**
	 * Finds the session of a request's client: one round trip, or none if the value can't
	 * be an id. Counts as an access, unless the request is passive.
	 * @param scope the request
	 * @param value the value that the client has sent
	 * @return the session, or null if there is no living one
	 */
	public CompletionStage<@Nullable StoredSession> findForClient(SessionScope scope, String value) {
		SessionId id = SessionId.parse(value);
		if (scope.isAnonymous() && (id == null || scope.session(id.handle()) == null)) {
			return none();
		}
		return Stages.recover(prepareAndFind(scope, id, value), (failure) -> {
			if (!scope.isRequest() || !(failure instanceof SessionStoreUnavailableException)) {
				return CompletableFuture.failedFuture(failure);
			}
			if (this.settings.availability().isAnonymous()) {
				scope.anonymous();
				return none();
			}
			scope.clientUnknown();
			return CompletableFuture.failedFuture(failure);
		});
	}

	private CompletionStage<@Nullable StoredSession> prepareAndFind(SessionScope scope, @Nullable SessionId id,
			String value) {
		try {
			CompletionStage<@Nullable Void> prepared = this.sentIds.prepare(scope);
			return (prepared == Stages.done()) ? findOrMigrate(scope, id, value)
					: Stages.then(prepared, (ignored) -> findOrMigrate(scope, id, value));
		}
		catch (RuntimeException ex) {
			return CompletableFuture.failedFuture(ex);
		}
	}

	private CompletionStage<@Nullable StoredSession> findOrMigrate(SessionScope scope, @Nullable SessionId id,
			String value) {
		SessionMigration migration = this.migration;
		if (migration == null) {
			return (id != null) ? find(scope, id, true) : none();
		}
		CompletionStage<@Nullable StoredSession> local = (id != null && !SessionMigration.isForeign(value))
				? find(scope, id, true) : none();
		return local.thenCompose((session) -> (session != null) ? CompletableFuture.completedFuture(session)
				: migrate(migration, scope, value)
					.thenCompose((replacement) -> (replacement != null) ? find(scope, replacement, true) : none()));
	}

	/**
	 * Returns the id in this store of the session of a request's client, after migrating
	 * the session if necessary.
	 * @param scope the request
	 * @param id the id that the client has sent
	 * @return the id, or null if there is no session to migrate
	 */
	CompletionStage<@Nullable SessionId> localId(SessionScope scope, SessionId id) {
		SessionMigration migration = this.migration;
		return this.sentIds.prepare(scope)
			.thenCompose((prepared) -> (migration != null && SessionMigration.isForeign(id.value()))
					? migrate(migration, scope, id.value()) : CompletableFuture.completedFuture(id));
	}

	private CompletionStage<@Nullable SessionId> migrate(SessionMigration migration, SessionScope scope, String id) {
		String known = scope.replacement(id);
		if (known != null) {
			return CompletableFuture.completedFuture(SessionId.parse(known));
		}
		if (scope.isAnswered()) {
			return CompletableFuture.completedFuture(null);
		}
		scope.rethrowFailure();
		return this.calls
			.observe(scope, StoreOperation.TAKE_OVER, () -> this.calls.recordFailure(scope, migration.migrate(id)))
			.thenApply((replacement) -> {
				scope.replace(id, (replacement != null) ? replacement.value() : "");
				return replacement;
			});
	}

	private CompletionStage<@Nullable StoredSession> find(SessionScope scope, SessionId id, boolean ofClient) {
		if (scope.hasEnded(id.handle()) || scope.isUnknown(id) || scope.isAnswered()) {
			return none();
		}
		StoredSession known = scope.session(id.handle());
		if (known != null && known.isKnownBy(id.secret())) {
			return CompletableFuture.completedFuture(known);
		}
		if (known != null && known.isIdKnown()) {
			return none();
		}
		// A session that was found by its handle before: only Redis can check the id
		scope.rethrowFailure();
		byte[] digest = SessionHeader.digest(id.secret());
		boolean access = ofClient && !scope.client().isPassive();
		CachedSession copy = ofClient ? this.nearCache.find(id.handle(), digest) : null;
		SessionRecord trusted = (copy != null) ? trusted(scope, copy) : null;
		if (trusted != null) {
			return found(scope, id, trusted, true, false);
		}
		return load(scope, id, digest, ofClient, access, copy);
	}

	/**
	 * Returns a copy that can be used without asking Redis, or null. Only a request that
	 * changes nothing, according to its method, uses such a copy.
	 */
	private @Nullable SessionRecord trusted(SessionScope scope, CachedSession copy) {
		if (!this.nearCache.isValidated(copy) || !scope.client().isSafe()
				|| scope.lock(copy.content().handle()) != null) {
			return null;
		}
		Duration age = this.nearCache.trust(copy, !scope.client().isPassive());
		return (age != null) ? this.store.trusted(copy.content(), age) : null;
	}

	private CompletionStage<@Nullable StoredSession> load(SessionScope scope, SessionId id, byte[] digest,
			boolean ofClient, boolean access, @Nullable CachedSession copy) {
		Duration touchInterval = access ? this.settings.lifetimes().touchInterval() : null;
		Validation validation = access ? this.nearCache.prepare(id.handle()) : null;
		SessionContent compared = (copy != null) ? copy.content() : null;
		CompletionStage<@Nullable SessionRecord> loaded = this.calls.observe(scope, StoreOperation.LOAD,
				() -> this.calls.receive(scope, this.store.load(id.handle(), digest, touchInterval, compared)));
		return Stages.then(loaded, (found) -> {
			if (ofClient) {
				keepCopy(scope, id, copy, found, validation);
			}
			else if (found != null) {
				this.nearCache.seen(found.content(), null);
			}
			if (found == null) {
				this.nearCache.missing(id.handle());
				scope.addUnknown(id.value());
				return none();
			}
			return found(scope, id, found, ofClient, access);
		});
	}

	/**
	 * Creates the session object for the record that was read by an id.
	 * @param ofClient whether the id was sent by the client
	 * @param accessRecorded whether reading it was recorded as an access
	 * @return the session, or null if it can't be used
	 */
	CompletionStage<@Nullable StoredSession> found(SessionScope scope, SessionId id, SessionRecord found,
			boolean ofClient, boolean accessRecorded) {
		if (found.touchRefused()) {
			this.counts.increment(SessionCounter.TOUCHES_REFUSED);
		}
		this.reader.countPlain(found);
		StoredSession session = this.sessions.byId(found, id, accessRecorded);
		if (ofClient && this.settings.values().onUnreadable() == OnUnreadable.DROP_SESSION && !session.isReadable()) {
			this.counts.increment(SessionCounter.LOOKUP_UNREADABLE);
			return this.ender.delete(scope, id.handle(), id, DeletionReason.UNREADABLE).thenApply((deleted) -> null);
		}
		if (ofClient && this.clients.isOther(scope, session)) {
			scope.addUnknown(id.value());
			return this.clients.ends() ? this.ender.delete(scope, id.handle(), id, DeletionReason.CLIENT_MISMATCH)
				.thenApply((deleted) -> null) : none();
		}
		if (!found.isTrusted()) {
			this.counts.increment(SessionCounter.LOOKUP_HIT);
		}
		this.knownIds.add(id.handle(), id.secret());
		session.saving().lock(scope.lock(id.handle()));
		scope.put(session);
		return CompletableFuture.completedFuture(session);
	}

	/**
	 * Keeps a copy of a client's session. A request that isn't an access, such as
	 * polling, and one of a crawler keeps none, nor does a session keep one whose header
	 * the next access changes.
	 * @param validation the validation by the lookup, if copies are trusted and Redis has
	 * recorded an access; else null
	 */
	void keepCopy(SessionScope scope, SessionId id, @Nullable CachedSession copy, @Nullable SessionRecord found,
			@Nullable Validation validation) {
		SessionContent content = (found != null) ? found.content() : null;
		boolean keep = this.nearCache.read(id.handle(), copy, content);
		if (found == null || content == null) {
			return;
		}
		Validation seen = this.nearCache.seen(content, validation);
		Validation lasting = (found.touchRefused() || found.endsSoon()) ? null : seen;
		if (copy != null && copy.content() == content) {
			if (lasting != null) {
				this.nearCache.validated(copy, lasting);
			}
		}
		else if (keep && content.header().laterIdleTimeout() == null && !scope.client().isPassive()
				&& !scope.client().isBot()) {
			this.nearCache.put(content, lasting);
		}
	}

	private static CompletionStage<@Nullable StoredSession> none() {
		return NONE;
	}

}
