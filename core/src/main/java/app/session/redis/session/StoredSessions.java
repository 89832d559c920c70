package app.session.redis.session;

import java.time.Instant;
import java.util.function.Supplier;

import app.session.redis.SessionId;
import app.session.redis.codec.SessionSeal;
import app.session.redis.codec.SessionSeals;
import app.session.redis.codec.ValueCodec;
import app.session.redis.settings.SessionSettings;
import app.session.redis.store.SessionRecord;
import org.jspecify.annotations.Nullable;

/**
 * Creates the session objects of this node.
 */
public final class StoredSessions {

	private final SessionRules rules;

	private final SessionSettings settings;

	private final SessionSeals seals;

	private final UnreadableAttributes unreadable;

	private final AttributeValues values;

	/** May be set while background threads are already running. */
	private volatile @Nullable ChangeListener changeListener;

	/**
	 * Creates the factory.
	 * @param rules the rules of sessions
	 * @param settings the options
	 * @param seals creates the seals of new sessions
	 * @param codec reads and writes values
	 * @param unreadable handles attributes that can't be read
	 */
	public StoredSessions(SessionRules rules, SessionSettings settings, SessionSeals seals, ValueCodec codec,
			UnreadableAttributes unreadable) {
		this.rules = rules;
		this.settings = settings;
		this.seals = seals;
		this.unreadable = unreadable;
		this.values = new AttributeValues(codec, new DestructionCallbacks(settings.values().conversion()));
	}

	/**
	 * Sets the listener of changes in the sessions that are created or found from now on.
	 * @param changeListener the listener
	 */
	public void setChangeListener(ChangeListener changeListener) {
		this.changeListener = changeListener;
	}

	/**
	 * Creates a new session, which is written to Redis by its first save.
	 * @param scope the request that creates it
	 * @return the session
	 */
	public StoredSession create(SessionScope scope) {
		SessionId id = new SessionId(SessionId.newHandle(), this.rules.newSecret());
		Instant now = Instant.ofEpochMilli(this.settings.clock().millis());
		boolean bot = scope.client().isBot();
		SessionSeal seal = this.seals.create(id.handle());
		SessionAttributes attributes = attributes(seal);
		if (this.settings.recordClient() && scope.isRequest()) {
			scope.client().details().attributes().forEach(attributes::set);
		}
		StoredSession session = new StoredSession(this.rules, attributes, seal, id, now,
				this.settings.lifetimes().idle(bot), bot);
		session.setChangeListener(this.changeListener);
		return session;
	}

	/**
	 * Creates the session of a record that was found by an id.
	 * @param record the record
	 * @param id the id
	 * @param accessRecorded whether reading it was recorded as an access
	 * @return the session
	 */
	public StoredSession byId(SessionRecord record, SessionId id, boolean accessRecorded) {
		return loaded(record, id.secret(), true, accessRecorded);
	}

	/**
	 * Creates the session of a record that was found by a handle. If it is the session of
	 * the request's client, saves require the id that the client has sent.
	 * @param scope the request
	 * @param record the record
	 * @return the session
	 */
	public StoredSession byHandle(SessionScope scope, SessionRecord record) {
		String secret = SessionNames.ownSecret(scope, record);
		return loaded(record, secret, secret != null, false);
	}

	/**
	 * Creates the session for an event of its end, with the id that registries on this
	 * node use.
	 * @param record the record that was deleted
	 * @return the session
	 */
	public StoredSession forEvent(SessionRecord record) {
		String secret = (record.secret() != null) ? record.secret() : this.rules.lastSecret(record.handle());
		return loaded(record, secret, false, false);
	}

	/**
	 * Creates the session of another node's event.
	 * @param handle its handle
	 * @param content reads the session when a listener first accesses its content;
	 * returns null if it is gone
	 * @return the session
	 */
	public StoredSession forMessage(String handle, Supplier<@Nullable SessionRecord> content) {
		StoredSession session = new StoredSession(this.rules, attributes(SessionSeal.none(handle)), handle,
				this.rules.lastSecret(handle), this.rules.now(), this.settings.lifetimes().idle(), content);
		session.setChangeListener(this.changeListener);
		return session;
	}

	private StoredSession loaded(SessionRecord record, @Nullable String secret, boolean byId, boolean accessRecorded) {
		StoredSession session = new StoredSession(this.rules, attributes(record.seal()), record, secret, byId,
				accessRecorded, this.rules.now());
		session.setChangeListener(this.changeListener);
		return session;
	}

	private SessionAttributes attributes(SessionSeal seal) {
		return new SessionAttributes(seal, this.values, this.settings.saves().mode(), this.unreadable);
	}

}
