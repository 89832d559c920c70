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

	private final SessionContent content;

	private final long age;

	private final long touchRefusal;

	/**
	 * Creates the record of a session.
	 * @param content its content
	 * @param age the milliseconds since the last access before this one
	 * @param touchRefusal why Redis refused to record this access, as {@code load.lua}
	 * returns it; 0 if it didn't refuse
	 */
	SessionRecord(SessionContent content, long age, long touchRefusal) {
		this.content = content;
		this.age = age;
		this.touchRefusal = touchRefusal;
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
		return this.touchRefusal != 0;
	}

	/**
	 * Returns why Redis refused to record this access, if the reason indicates that the
	 * client may be connected to the wrong server; otherwise null.
	 */
	@Nullable Reason touchRefusal() {
		return switch ((int) this.touchRefusal) {
			case 2 -> Reason.READ_ONLY;
			case 3 -> Reason.NO_REPLICAS;
			default -> null;
		};
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
