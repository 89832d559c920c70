package app.session.redis.store;

import java.time.Duration;
import java.util.Set;
import java.util.function.BiConsumer;

import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.codec.SessionSeal;
import org.jspecify.annotations.Nullable;

/**
 * A session as it was read from Redis.
 */
public final class SessionRecord {

	/** The status of a session whose absolute deadline is near. */
	private static final long ENDS_SOON = 4;

	private final SessionContent content;

	private final long age;

	private final long status;

	private final boolean trusted;

	/**
	 * Creates the record of a session.
	 * @param content its content
	 * @param age the milliseconds since the last access before this one
	 * @param status why Redis refused to record this access, or that the session ends
	 * soon, as {@code load.lua} returns it; else 0
	 */
	SessionRecord(SessionContent content, long age, long status) {
		this(content, age, status, false);
	}

	private SessionRecord(SessionContent content, long age, long status, boolean trusted) {
		this.content = content;
		this.age = age;
		this.status = status;
		this.trusted = trusted;
	}

	/**
	 * Creates the record of a copy that is used without asking Redis.
	 * @param content the content of the session when the copy was validated
	 * @param age the milliseconds since the last access on this node
	 */
	static SessionRecord trusted(SessionContent content, long age) {
		return new SessionRecord(content, age, 0, true);
	}

	/**
	 * Returns the content of the session, which other requests may share.
	 * @return the content
	 */
	public SessionContent content() {
		return this.content;
	}

	/**
	 * Returns the seal that was verified when the session was read.
	 * @return the seal; broken if the session is not authentic
	 */
	public SessionSeal seal() {
		return this.content.seal();
	}

	/**
	 * Returns the field that authenticates the header, as it is stored.
	 * @return the field, or null if the session is not sealed
	 */
	public byte @Nullable [] sealField() {
		return this.content.sealField();
	}

	/**
	 * Returns the handle of the session: its name in Redis, in logs and in responses. It
	 * can't be used as a cookie.
	 * @return the handle
	 */
	public String handle() {
		return this.content.handle();
	}

	/**
	 * Returns the header.
	 * @return the header
	 */
	public SessionHeader header() {
		return this.content.header();
	}

	/**
	 * Returns the time since the last access before this one, by Redis's clock.
	 * @return the age
	 */
	public Duration age() {
		return Duration.ofMillis(this.age);
	}

	/**
	 * Returns whether Redis refused to record this access.
	 * @return whether the access was not recorded
	 */
	public boolean touchRefused() {
		return this.status != 0 && this.status != ENDS_SOON;
	}

	/**
	 * Returns why Redis refused to record this access, if the reason indicates that the
	 * client may be connected to the wrong server; otherwise null.
	 */
	@Nullable Reason touchRefusal() {
		return switch ((int) this.status) {
			case 2 -> Reason.READ_ONLY;
			case 3 -> Reason.NO_REPLICAS;
			default -> null;
		};
	}

	/**
	 * Returns whether the absolute deadline of the session is so near that a copy of it
	 * must not be used without asking Redis.
	 * @return whether the session ends soon
	 */
	public boolean endsSoon() {
		return this.status == ENDS_SOON;
	}

	/**
	 * Returns whether this is a copy that is used without asking Redis, so that the
	 * session may have changed or ended in the meantime, and this access isn't recorded.
	 * @return whether it is a trusted copy
	 */
	public boolean isTrusted() {
		return this.trusted;
	}

	/**
	 * Returns the secret of the id if ids are not protected.
	 * @return the secret, or null
	 */
	public @Nullable String secret() {
		return this.content.secret();
	}

	/**
	 * Returns the index entries of the session. Each call decodes them.
	 * @return its index entries
	 */
	public Set<IndexEntry> entries() {
		return this.content.entries();
	}

	/**
	 * Passes each attribute to a consumer.
	 * @param consumer receives the attribute's name and its encoded value
	 */
	public void forEachAttribute(BiConsumer<String, byte[]> consumer) {
		this.content.forEachAttribute(consumer);
	}

}
