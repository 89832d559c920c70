package app.session.redis.autoconfigure.servlet.contract;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.AfterAll;

/**
 * The statements over the sessions of this starter.
 */
class RedisSessionsITests extends ServletSessionContract {

	private final RedisServer redis = SharedRedis.standalone();

	@Override
	List<String> properties() {
		return List.of("app.session.redis.host=" + this.redis.host(), "app.session.redis.port=" + this.redis.port(),
				"app.session.redis.collector.interval=50ms");
	}

	@AfterAll
	void flush() {
		this.redis.flushAll();
	}

	/**
	 * The name that Spring Session has given the cookie, so that both can be exchanged.
	 */
	@Override
	public String cookieName() {
		return "SESSION";
	}

	/** Spring Session's encoding. */
	@Override
	public String cookieValue(String id) {
		return Base64.getEncoder().encodeToString(id.getBytes(StandardCharsets.UTF_8));
	}

	/** The client stops sending the id, and the next request needs no lookup. */
	@Override
	public boolean cookieOfAnInvalidatedSessionIsExpired() {
		return true;
	}

	/** A value that isn't in Spring Session's encoding is not an id. */
	@Override
	public boolean malformedCookiesAreIds() {
		return false;
	}

	/** Ids in URLs appear in logs, bookmarks and the header {@code Referer}. */
	@Override
	public boolean sessionsAreTrackedByUrl() {
		return false;
	}

	/** A request that doesn't ask for its session sends nothing to Redis. */
	@Override
	public boolean everyRequestIsAnAccess() {
		return false;
	}

	/** Each request deserializes the attributes that it reads. */
	@Override
	public boolean attributesAreTheSameObjectsInLaterRequests() {
		return false;
	}

	/** Attributes leave the JVM. */
	@Override
	public boolean objectsMustBeSerializable() {
		return true;
	}

	/** A request saves its changes when the response is committed, or when it ends. */
	@Override
	public boolean changesAreVisibleBeforeTheResponse() {
		return false;
	}

	/** A running request has its own copy of the session. */
	/** Requests that don't use their session cost nothing. */
	@Override
	public boolean unusedSessionsAreAccessed() {
		return false;
	}

	/** Otherwise a slow request could write into the session of a later log-in. */
	@Override
	public boolean idChangesKeepAnonymousRequests() {
		return false;
	}

	@Override
	public boolean sessionsEndInConcurrentRequests() {
		return false;
	}

	/** Each request deserializes the attributes that it reads, and serializes them. */
	@Override
	public boolean attributesAreActivatedAndPassivated() {
		return true;
	}

	/**
	 * A filter replaces the container's request. A filter that runs before it receives
	 * the container's request, as does asynchronous processing that is started without
	 * arguments, according to the Javadoc of {@code startAsync}.
	 */
	@Override
	public boolean unwrappedRequestsHaveTheSameSession() {
		return false;
	}

}
