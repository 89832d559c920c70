package app.session.redis.engine;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;

import app.session.redis.SessionId;
import app.session.redis.client.BlockingCaller;
import app.session.redis.migration.SessionMigration;
import app.session.redis.observation.StoreOperation;
import app.session.redis.servlet.AtomicRedisSessionRepository;
import app.session.redis.session.SessionScope;
import app.session.redis.store.SessionRecord;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the sessions of several ids that a client sends in one request, as many
 * cookies of one name do: for a handful of them, in one round trip. The first one in
 * their order that has a session wins. Further ids are treated as unknown, so that a
 * client can't make a request cost as many round trips as it sends cookies.
 */
public final class SentIds {

	/** How many ids of a request are looked for. */
	static final int MAX = 5;

	private final AtomicRedisSessionRepository repository;

	public SentIds(AtomicRedisSessionRepository repository) {
		this.repository = repository;
	}

	/**
	 * Asks for what the client has sent, if this is more than one id and nobody has asked
	 * yet, and notes the answers in the scope of the request: {@code EVALSHA load} for
	 * each id, in one round trip, which is an access to the first one only. Where
	 * sessions are taken over from elsewhere, those of ids before the first one with a
	 * session are asked for in another.
	 * @param scope the request
	 * @param migration what takes sessions over, or null
	 */
	public void prepare(SessionScope scope, @Nullable SessionMigration migration) {
		List<String> sent = scope.takeResolvedIds();
		if (sent.isEmpty() || scope.isAnswered()) {
			return;
		}
		AtomicRedisSessionRepository.failAgain(scope);
		List<String> candidates = candidates(scope, sent, migration);
		if (candidates.size() < 2) {
			return;
		}
		String winner = loadOwn(scope, candidates, migration);
		if (migration != null) {
			int end = (winner != null) ? candidates.indexOf(winner) : candidates.size();
			findForeign(scope, candidates.subList(0, end), migration);
		}
	}

	private static List<String> candidates(SessionScope scope, List<String> sent,
			@Nullable SessionMigration migration) {
		Set<String> candidates = new LinkedHashSet<>();
		for (String id : sent) {
			boolean possible = SessionId.parse(id) != null || (migration != null && SessionMigration.isPossible(id));
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

	/** Returns the first id that has a session here. */
	private @Nullable String loadOwn(SessionScope scope, List<String> candidates,
			@Nullable SessionMigration migration) {
		List<SessionId> ids = new ArrayList<>(candidates.size());
		for (String candidate : candidates) {
			SessionId id = SessionId.parse(candidate);
			if (id != null && (migration == null || !SessionMigration.isForeign(candidate)) && !isKnown(scope, id)) {
				ids.add(id);
			}
		}
		if (ids.isEmpty()) {
			return null;
		}
		return this.repository.observe(StoreOperation.LOAD,
				() -> load(scope, ids, ids.get(0).value().equals(candidates.get(0))));
	}

	private static boolean isKnown(SessionScope scope, SessionId id) {
		return scope.session(id.handle()) != null || scope.hasEnded(id.handle()) || scope.isUnknown(id.value());
	}

	private @Nullable String load(SessionScope scope, List<SessionId> ids, boolean access) {
		List<CompletionStage<@Nullable SessionRecord>> loaded = this.repository.loadEach(ids, access);
		for (int i = 0; i < ids.size(); i++) {
			SessionId id = ids.get(i);
			SessionRecord session = this.repository.ask(loaded.get(i));
			if (session == null) {
				scope.addUnknown(id.value());
			}
			else if (this.repository.found(scope, id, session, true, access && i == 0) != null) {
				return id.value();
			}
		}
		return null;
	}

	private void findForeign(SessionScope scope, List<String> candidates, SessionMigration migration) {
		if (!candidates.isEmpty()) {
			this.repository
				.observe(StoreOperation.TAKE_OVER,
						() -> AtomicRedisSessionRepository
							.askNow(() -> BlockingCaller.result(migration.absent(candidates))))
				.forEach((id) -> scope.replace(id, ""));
		}
	}

}
