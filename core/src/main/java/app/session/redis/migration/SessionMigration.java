package app.session.redis.migration;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;

import app.session.redis.SessionId;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.client.Caller;
import app.session.redis.client.Stages;
import app.session.redis.codec.Digests;
import app.session.redis.codec.SessionSeal;
import app.session.redis.codec.SessionSeals;
import app.session.redis.codec.UnreadableValueException;
import app.session.redis.codec.ValueCodec;
import app.session.redis.index.SessionIndexes;
import app.session.redis.log.LimitedLog;
import app.session.redis.migration.SpringSessionStore.Found;
import app.session.redis.observation.SessionCounter;
import app.session.redis.observation.SessionCounts;
import app.session.redis.settings.SessionSettings;
import app.session.redis.store.NewSession;
import app.session.redis.store.SessionHeader;
import app.session.redis.store.SessionStore;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import javax.crypto.spec.SecretKeySpec;

import org.springframework.session.MapSession;

/**
 * Migrates living sessions from Spring Session's own Redis repositories when their
 * clients send a request. The handle of a migrated session is a digest of its old id, so
 * that two nodes that migrate it concurrently use the same key, and only one of them
 * creates the session. The secret of its id is derived from the old id and a salt that is
 * stored with the session: for a while, a client that still sends the old id gets the
 * same new id. The secret of a sealed session can't be computed without the key.
 */
public final class SessionMigration {

	private static final Log logger = LogFactory.getLog(SessionMigration.class);

	/** Logs sessions whose times can't be read, each of them once. */
	private final LimitedLog unreadable = new LimitedLog(logger);

	/** The format of Spring Session's ids, which this library doesn't generate. */
	private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

	private static final Pattern POSSIBLE = Pattern.compile("[A-Za-z0-9._~-]{1,128}");

	/**
	 * How long a client can use its old id after the migration of its session: in
	 * concurrent requests, or because it didn't receive a response.
	 */
	private static final Duration OLD_ID_VALIDITY = Duration.ofMinutes(5);

	/** The length of the salt and of the time until which it is valid. */
	private static final int ADOPTION_LENGTH = SessionSeals.SALT_BYTES + 6;

	private static final int HANDLE_BYTES = 12;

	private static final String ATTRIBUTE = "sessionAttr:";

	private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

	private final Caller caller;

	private final SessionStore store;

	private final SpringSessionStore source;

	private final ValueCodec codec;

	private final SessionIndexes indexes;

	private final SessionSeals seals;

	private final SessionSettings settings;

	private final SessionCounts counts;

	/**
	 * Creates a migration.
	 * @param caller receives the replies for requests
	 * @param store the store to which sessions are migrated
	 * @param source the store from which sessions are migrated
	 * @param codec reads and writes values
	 * @param indexes resolves the index values of sessions
	 * @param seals seals sessions
	 * @param settings the settings
	 * @param counts counts migrated sessions
	 */
	public SessionMigration(Caller caller, SessionStore store, SpringSessionStore source, ValueCodec codec,
			SessionIndexes indexes, SessionSeals seals, SessionSettings settings, SessionCounts counts) {
		this.caller = caller;
		this.store = store;
		this.source = source;
		this.codec = codec;
		this.indexes = indexes;
		this.seals = seals;
		this.settings = settings;
		this.counts = counts;
	}

	/**
	 * Returns whether an id has the format of Spring Session's, so that it isn't an id of
	 * this library.
	 */
	public static boolean isForeign(String id) {
		return UUID.matcher(id).matches();
	}

	/**
	 * Returns whether an id can be one of a session to migrate, so that it is looked up.
	 */
	public static boolean isPossible(String id) {
		return POSSIBLE.matcher(id).matches();
	}

	/**
	 * Determines the ids for which there is no session to migrate: one round trip.
	 * @param ids ids that {@linkplain #isPossible can have a session}
	 * @return the ids without a session. Fails with a
	 * {@link SessionStoreUnavailableException} if Redis is unavailable
	 */
	public CompletionStage<List<String>> absent(List<String> ids) {
		if (!this.seals.isPlainAccepted()) {
			return CompletableFuture.completedFuture(ids);
		}
		List<CompletionStage<Found>> found = this.source.find(ids, ids.stream().map(SessionMigration::handle).toList());
		List<String> absent = new ArrayList<>();
		CompletionStage<@Nullable Void> received = Stages.done();
		for (int i = 0; i < ids.size(); i++) {
			String id = ids.get(i);
			CompletionStage<Found> reply = found.get(i);
			received = received.thenCompose((before) -> this.caller.receive(reply)).thenCompose((each) -> {
				if (each.isEmpty()) {
					absent.add(id);
				}
				return Stages.done();
			});
		}
		return received.thenApply((ignored) -> absent);
	}

	private static String handle(String oldId) {
		return BASE64.encodeToString(Arrays.copyOf(Digests.sha256("handle:" + oldId), HANDLE_BYTES));
	}

	/**
	 * Migrates a session if it exists: one round trip, or three if it is migrated. On a
	 * cluster, one more if it doesn't exist, because another node may be migrating it.
	 * @param oldId the id that the client has sent
	 * @return the new id, or null if there is no living session. Fails with a
	 * {@link SessionStoreUnavailableException} if Redis is unavailable
	 */
	public CompletionStage<@Nullable SessionId> migrate(String oldId) {
		if (!isPossible(oldId) || !this.seals.isPlainAccepted()) {
			return CompletableFuture.completedFuture(null);
		}
		String handle = handle(oldId);
		CompletionStage<Found> first = find(oldId, handle);
		return (this.source.isCluster() ? first.thenCompose((found) -> again(oldId, handle, found)) : first)
			.thenCompose((found) -> migrate(oldId, handle, found));
	}

	private CompletionStage<Found> again(String oldId, String handle, Found found) {
		return found.isEmpty() ? find(oldId, handle) : CompletableFuture.completedFuture(found);
	}

	private CompletionStage<@Nullable SessionId> migrate(String oldId, String handle, Found found) {
		if (found.adoption() != null || found.fields().isEmpty()) {
			return adopted(oldId, handle, found);
		}
		return create(oldId, handle, found.fields())
			.thenCompose((id) -> (id != null) ? CompletableFuture.completedFuture(id)
					// Another node was faster
					: find(oldId, handle).thenCompose((again) -> adopted(oldId, handle, again)));
	}

	private CompletionStage<Found> find(String oldId, String handle) {
		return this.caller.receive(this.source.find(oldId, handle));
	}

	/** Returns the new id of a session that was already migrated, or null. */
	private CompletionStage<@Nullable SessionId> adopted(String oldId, String handle, Found found) {
		byte[] adoption = found.adoption();
		if (adoption == null) {
			return CompletableFuture.completedFuture(null);
		}
		MapSession left = found.fields().isEmpty() ? null : read(oldId, found.fields());
		CompletionStage<@Nullable Void> removed = (left != null) ? remove(oldId, left) : Stages.done();
		return removed.thenApply((ignored) -> id(oldId, handle, adoption));
	}

	/**
	 * Removes the old session. The request waits for this, and a later request repeats it
	 * if the session is still there: otherwise it would be migrated again after the user
	 * has logged out.
	 */
	private CompletionStage<@Nullable Void> remove(String oldId, MapSession old) {
		return this.caller
			.receive(this.source.remove(oldId, expiry(old), this.indexes.principal(old), this.codec::raw));
	}

	private static @Nullable Instant expiry(MapSession old) {
		Duration idleTimeout = old.getMaxInactiveInterval();
		return (idleTimeout.isNegative() || idleTimeout.isZero()) ? null : old.getLastAccessedTime().plus(idleTimeout);
	}

	/**
	 * Completes with null if the session isn't migrated, or if another node migrates it.
	 */
	private CompletionStage<@Nullable SessionId> create(String oldId, String handle, Map<String, byte[]> fields) {
		MapSession old = read(oldId, fields);
		if (old == null) {
			return CompletableFuture.completedFuture(null);
		}
		Instant now = this.settings.clock().instant();
		Instant expiry = expiry(old);
		Duration absolute = this.settings.lifetimes().absolute();
		Instant deadline = absolute.isZero() ? null : old.getCreationTime().plus(absolute);
		if ((expiry != null && !expiry.isAfter(now)) || (deadline != null && !deadline.isAfter(now))) {
			return CompletableFuture.completedFuture(null);
		}
		SessionSeal seal = this.seals.create(handle);
		long until = now.plus(OLD_ID_VALIDITY).toEpochMilli();
		byte[] adoption = ByteBuffer.allocate(ADOPTION_LENGTH)
			.put(this.seals.migrationSalt(seal, until))
			.put(ByteBuffer.allocate(Long.BYTES).putLong(until).array(), 2, 6)
			.array();
		SessionId id = id(oldId, handle, adoption);
		SessionHeader header = new SessionHeader(SessionHeader.digest(id.secret()), old.getCreationTime(),
				old.getMaxInactiveInterval(), this.settings.lifetimes().grace(),
				(seal.isSealed() && deadline != null) ? deadline.truncatedTo(ChronoUnit.MILLIS) : null, null);
		NewSession session = new NewSession(handle, header,
				(deadline != null) ? Duration.between(now, deadline) : Duration.ZERO, this.indexes.resolve(old),
				this.settings.ids().protect() ? null : id.secret());
		session.writeMigrationSalt(adoption);
		fields.forEach((name, value) -> {
			if (name.startsWith(ATTRIBUTE) && value.length > 0) {
				String attribute = name.substring(ATTRIBUTE.length());
				byte[] serialized = this.codec.form(value);
				if (!seal.isSealed() || this.codec.isSealable(serialized)) {
					session.write(attribute, this.codec.seal(seal, attribute, serialized));
				}
			}
		});
		if (seal.isSealed()) {
			session.seal(this.seals.field(seal, header.proven()));
		}
		return this.caller.receive(this.store.createIfAbsent(session)).thenCompose((created) -> {
			if (!created) {
				return CompletableFuture.completedFuture(null);
			}
			this.counts.increment(SessionCounter.TAKEN_OVER);
			return remove(oldId, old).thenApply((removed) -> id);
		});
	}

	/**
	 * Returns the session as far as it can be read, or null if its times can't be read.
	 */
	private @Nullable MapSession read(String oldId, Map<String, byte[]> fields) {
		if (!(value(fields, "creationTime") instanceof Long created)
				|| !(value(fields, "lastAccessedTime") instanceof Long accessed)
				|| !(value(fields, "maxInactiveInterval") instanceof Integer interval)) {
			String handle = handle(oldId);
			if (this.unreadable.isFirst(handle)) {
				this.counts.increment(SessionCounter.NOT_TAKEN_OVER);
				this.unreadable.warn("A session of Spring Session, which would be stored with the handle " + handle
						+ ", can't be migrated: its timestamps can't be read, perhaps because it was written "
						+ "by a serializer other than the configured one");
			}
			return null;
		}
		MapSession session = new MapSession(oldId);
		session.setCreationTime(Instant.ofEpochMilli(created));
		session.setLastAccessedTime(Instant.ofEpochMilli(accessed));
		session.setMaxInactiveInterval(Duration.ofSeconds(interval));
		for (String name : fields.keySet()) {
			if (name.startsWith(ATTRIBUTE)) {
				session.setAttribute(name.substring(ATTRIBUTE.length()), value(fields, name));
			}
		}
		return session;
	}

	private @Nullable Object value(Map<String, byte[]> fields, String name) {
		byte[] value = fields.get(name);
		try {
			return (value != null && value.length > 0) ? this.codec.deserialize(this.codec.form(value)) : null;
		}
		catch (UnreadableValueException ex) {
			logger.debug("A value of a session of Spring Session can't be read", ex);
			return null;
		}
	}

	private SessionId id(String oldId, String handle, byte[] adoption) {
		byte[] salt = Arrays.copyOf(adoption, SessionSeals.SALT_BYTES);
		long until = ByteBuffer.allocate(Long.BYTES).put(2, adoption, SessionSeals.SALT_BYTES, 6).getLong();
		byte[] keyed = this.seals.migrationSecret(handle, salt, until, oldId);
		if (keyed != null) {
			return new SessionId(handle, BASE64.encodeToString(keyed));
		}
		byte[] secret = Digests.hmac(new SecretKeySpec(salt, Digests.HMAC))
			.doFinal(("secret:" + oldId).getBytes(StandardCharsets.UTF_8));
		return new SessionId(handle, BASE64.encodeToString(secret));
	}

}
