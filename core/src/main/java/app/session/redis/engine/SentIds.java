package app.session.redis.engine;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import app.session.redis.SessionId;
import app.session.redis.cache.NearCache;
import app.session.redis.client.Stages;
import app.session.redis.migration.SessionMigration;
import app.session.redis.observation.StoreOperation;
import app.session.redis.session.SessionScope;
import app.session.redis.settings.SessionSettings;
import app.session.redis.store.SessionRecord;
import app.session.redis.store.SessionStore;
import org.jspecify.annotations.Nullable;

/**
 * Looks up the sessions of several ids that a client sends in one request, for example in
 * several cookies of the same name: up to {@value #MAX} ids in one round trip. The first
 * id that has a session is used. Further ids are treated as unknown, so that the number
 * of round trips of a request doesn't grow with the number of its cookies.
 */
final class SentIds {

	/** The maximum number of ids per request that are looked up. */
	static final int MAX = 5;

	private final SessionFinder finder;

	private final StoreCalls calls;

	private final SessionStore store;

	private final NearCache nearCache;

	private final SessionSettings settings;

	private final @Nullable SessionMigration migration;

	SentIds(SessionFinder finder, EngineContext context, @Nullable SessionMigration migration) {
		this.finder = finder;
		this.calls = context.calls();
		this.store = context.store();
		this.nearCache = context.nearCache();
		this.settings = context.settings();
		this.migration = migration;
	}

	/**
	 * Looks up the ids that the client has sent, if there is more than one and this has
	 * not been done yet, and records the results in the scope of the request:
	 * {@code EVALSHA load} for each id, in one round trip, which counts as an access to
	 * the first session only. If sessions are migrated, one more round trip looks up
	 * sessions to migrate for the ids before the first one with a session.
	 * @param scope the request
	 */
	CompletionStage<@Nullable Void> prepare(SessionScope scope) {
		List<String> sent = scope.takeResolvedIds();
		if (sent.isEmpty() || scope.isAnswered()) {
			return Stages.done();
		}
		scope.rethrowFailure();
		List<String> candidates = candidates(scope, sent);
		if (candidates.size() < 2) {
			return Stages.done();
		}
		CompletionStage<@Nullable String> winner = loadOwn(scope, candidates);
		SessionMigration migration = this.migration;
		if (migration == null) {
			return winner.thenAccept((id) -> {
			});
		}
		return winner.thenCompose((id) -> findForeign(scope,
				candidates.subList(0, (id != null) ? candidates.indexOf(id) : candidates.size()), migration));
	}

	private List<String> candidates(SessionScope scope, List<String> sent) {
		Set<String> candidates = new LinkedHashSet<>();
		for (String id : sent) {
			boolean possible = SessionId.parse(id) != null
					|| (this.migration != null && SessionMigration.isPossible(id));
			if (possible && candidates.size() < MAX) {
				candidates.add(id);
			}
			else if (possible && !candidates.contains(id)) {
				scope.addUnknown(id);
				scope.replace(id, "");
			}
		}
		return new ArrayList<>(candidates);
	}

	/** Returns the first id that has a session in this store. */
	private CompletionStage<@Nullable String> loadOwn(SessionScope scope, List<String> candidates) {
		List<SessionId> ids = new ArrayList<>(candidates.size());
		for (String candidate : candidates) {
			SessionId id = SessionId.parse(candidate);
			if (id != null && (this.migration == null || !SessionMigration.isForeign(candidate))
					&& !isKnown(scope, id)) {
				ids.add(id);
			}
		}
		if (ids.isEmpty()) {
			return CompletableFuture.completedFuture(null);
		}
		boolean access = ids.get(0).value().equals(candidates.get(0)) && !scope.client().isPassive();
		return this.calls.observe(scope, StoreOperation.LOAD, () -> firstFound(scope, ids,
				this.store.loadEach(ids, access ? this.settings.lifetimes().touchInterval() : null), 0, access));
	}

	private static boolean isKnown(SessionScope scope, SessionId id) {
		return scope.session(id.handle()) != null || scope.hasEnded(id.handle()) || scope.isUnknown(id);
	}

	private CompletionStage<@Nullable String> firstFound(SessionScope scope, List<SessionId> ids,
			List<CompletionStage<@Nullable SessionRecord>> loaded, int index, boolean access) {
		if (index == ids.size()) {
			return CompletableFuture.completedFuture(null);
		}
		SessionId id = ids.get(index);
		return this.calls.receive(scope, loaded.get(index)).thenCompose((record) -> {
			if (record == null) {
				this.nearCache.missing(id.handle());
				scope.addUnknown(id.value());
				return firstFound(scope, ids, loaded, index + 1, access);
			}
			this.nearCache.seen(record.content(), null);
			return this.finder.found(scope, id, record, true, access && index == 0)
				.thenCompose((session) -> (session != null) ? CompletableFuture.completedFuture(id.value())
						: firstFound(scope, ids, loaded, index + 1, access));
		});
	}

	private CompletionStage<@Nullable Void> findForeign(SessionScope scope, List<String> candidates,
			SessionMigration migration) {
		if (candidates.isEmpty()) {
			return Stages.done();
		}
		return this.calls
			.observe(scope, StoreOperation.TAKE_OVER,
					() -> this.calls.recordFailure(scope, migration.absent(candidates)))
			.thenAccept((absent) -> absent.forEach((id) -> scope.replace(id, "")));
	}

}
