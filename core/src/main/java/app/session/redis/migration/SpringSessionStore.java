package app.session.redis.migration;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

import app.session.redis.client.Call;
import app.session.redis.client.CallSender;
import app.session.redis.client.LuaScript;
import app.session.redis.client.Reply;
import app.session.redis.store.SessionStore;
import io.lettuce.core.protocol.CommandType;
import org.jspecify.annotations.Nullable;

import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.ReactiveFindByIndexNameSessionRepository;

/**
 * Reads and removes sessions of Spring Session's own Redis repositories,
 * {@code RedisSessionRepository} and {@code RedisIndexedSessionRepository}, in the
 * documented layout of Spring Session 4.
 */
public final class SpringSessionStore {

	private final SessionStore store;

	private final CallSender engine;

	private final String prefix;

	/**
	 * Creates a store.
	 * @param store the store to which sessions are migrated
	 * @param namespace the namespace of Spring Session's repository
	 */
	public SpringSessionStore(SessionStore store, String namespace) {
		this.store = store;
		this.engine = store.engine();
		this.prefix = namespace + ":";
	}

	/**
	 * Looks up a session by its old id, and the migrated session that replaces it:
	 * {@code EVALSHA foreign} and {@code EVALSHA adopt}, in one round trip. In this
	 * order, one of them finds a session that another node is migrating, because that
	 * node deletes the old one after it has created the new one.
	 * @param id its old id
	 * @param handle the handle of the migrated session
	 * @return the result of the lookup
	 */
	public CompletionStage<Found> find(String id, String handle) {
		return find(List.of(id), List.of(handle)).get(0);
	}

	/**
	 * Looks up several sessions as {@link #find(String, String)} does, in one round trip.
	 * @param ids their old ids
	 * @param handles the handles of the migrated sessions
	 * @return the result for each session
	 */
	public List<CompletionStage<Found>> find(List<String> ids, List<String> handles) {
		List<Call> calls = new ArrayList<>(2 * ids.size());
		for (int i = 0; i < ids.size(); i++) {
			calls.add(Call.of(LuaScript.FOREIGN, session(ids.get(i))));
			calls.add(Call.of(LuaScript.ADOPT, this.store.keys().session(handles.get(i))));
		}
		this.engine.send(calls);
		List<CompletionStage<Found>> found = new ArrayList<>(ids.size());
		for (int i = 0; i < calls.size(); i += 2) {
			found.add(calls.get(i).reply().thenCombine(calls.get(i + 1).reply(), SpringSessionStore::found));
		}
		return found;
	}

	private static Found found(Reply content, Reply salt) {
		Map<String, byte[]> fields = new LinkedHashMap<>();
		for (int i = 0; i + 1 < content.size(); i += 2) {
			fields.put(content.text(i), content.bytes(i + 1));
		}
		return new Found(salt.isBytes(0) ? salt.bytes(0) : null, fields);
	}

	/**
	 * Returns whether the old and the new session can be on different servers, where the
	 * order of the two lookups isn't guaranteed.
	 * @return whether it is a cluster
	 */
	boolean isCluster() {
		return this.engine.isCluster();
	}

	/**
	 * Removes a session and the entries that refer to it: first {@code DEL} of the
	 * session, so that no node with Spring Session publishes its end, then {@code DEL},
	 * {@code ZREM} and {@code SREM} of the entries in the background; one round trip.
	 * @param id its old id
	 * @param expiry when it would have expired; null for never
	 * @param principal the name of its principal, or null
	 * @param serializer serializes the members of sets
	 * @return a stage that completes when the session is removed
	 */
	public CompletionStage<Void> remove(String id, @Nullable Instant expiry, @Nullable String principal,
			Function<String, byte[]> serializer) {
		Call session = Call.of(CommandType.DEL, session(id));
		List<Call> rest = new ArrayList<>();
		rest.add(Call.of(CommandType.DEL, session("expires:" + id)));
		rest.add(Call.of(CommandType.ZREM, session("expirations")).arg(serializer.apply(id)));
		// The reactive repository keeps the index keys of each session
		rest.add(Call.of(CommandType.DEL, session(id + ":idx")));
		if (expiry != null) {
			long minute = expiry.plus(1, ChronoUnit.MINUTES).truncatedTo(ChronoUnit.MINUTES).toEpochMilli();
			rest.add(Call.of(CommandType.SREM, key("expirations:" + minute)).arg(serializer.apply("expires:" + id)));
		}
		if (principal != null) {
			byte[] member = serializer.apply(id);
			rest.add(Call
				.of(CommandType.SREM,
						key("index:" + FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME + ":" + principal))
				.arg(member));
			rest.add(Call
				.of(CommandType.SREM,
						session("index:" + ReactiveFindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME + ":"
								+ principal))
				.arg(member));
		}
		return this.engine.send(session).thenAccept((reply) -> {
			this.engine.send(rest);
			this.engine.background(Call.all(rest), "Removing references to a migrated session");
		});
	}

	private byte[] session(String id) {
		return key("sessions:" + id);
	}

	private byte[] key(String name) {
		return (this.prefix + name).getBytes(StandardCharsets.UTF_8);
	}

	/**
	 * The result of a lookup by an old id.
	 *
	 * @param adoption a salt and the time until which it is valid, from which the new id
	 * is computed, if the session was migrated recently; or else null
	 * @param fields the fields of the session, empty if there is none
	 */
	@SuppressWarnings("ArrayRecordComponent") // never compared
	public record Found(byte @Nullable [] adoption, Map<String, byte[]> fields) {

		boolean isEmpty() {
			return this.adoption == null && this.fields.isEmpty();
		}

	}

}
