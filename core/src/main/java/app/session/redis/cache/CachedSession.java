package app.session.redis.cache;

import java.time.Duration;
import java.util.Arrays;

import app.session.redis.store.SessionContent;
import org.jspecify.annotations.Nullable;

/**
 * A copy of a session, with its last validation if it is trusted for a while.
 */
public final class CachedSession {

	private final SessionContent content;

	private volatile @Nullable Validation validation;

	/** When a request last accessed the session on this node. */
	private volatile long accessedAt;

	CachedSession(SessionContent content, @Nullable Validation validation) {
		this.content = content;
		this.validation = validation;
		this.accessedAt = (validation != null) ? validation.sentAt() : 0;
	}

	/**
	 * Returns the content of the session when it was copied.
	 * @return the content
	 */
	public SessionContent content() {
		return this.content;
	}

	@Nullable Validation validation() {
		return this.validation;
	}

	/** Returns whether a content is at the same revision. */
	boolean hasSameContent(SessionContent other) {
		return this.content == other || Arrays.equals(this.content.encodedHeader(), other.encodedHeader());
	}

	/**
	 * Returns the copy with the later validation; one that isn't trusted if the copies
	 * have different contents.
	 */
	CachedSession latest(CachedSession other) {
		if (!hasSameContent(other.content)) {
			return new CachedSession(other.content, null);
		}
		if (other.validation != null) {
			validate(other.validation);
		}
		return this;
	}

	/** Extends the trust in this copy, unless a later lookup has done so. */
	synchronized void validate(Validation newer) {
		Validation present = this.validation;
		if (present == null || newer.sentAt() - present.sentAt() > 0) {
			this.accessedAt = newer.sentAt();
			this.validation = newer;
		}
	}

	/**
	 * Returns the time since the last access on this node.
	 * @param now the present time
	 * @param access whether this is an access too
	 */
	Duration accessed(long now, boolean access) {
		long before = this.accessedAt;
		if (access) {
			this.accessedAt = now;
		}
		return Duration.ofNanos(Math.max(now - before, 0));
	}

}
