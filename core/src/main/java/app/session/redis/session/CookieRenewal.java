package app.session.redis.session;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * Determines when the cookie of a client is sent again, so that a cookie with a maximum
 * age doesn't expire while its session is in use. The time since the creation of a
 * session is divided into tenths of the maximum age, and the first request in each of
 * them renews the cookie. Nothing has to be stored for this.
 */
public final class CookieRenewal {

	/** Cookies are never renewed. */
	public static final CookieRenewal NONE = new CookieRenewal(Duration.ZERO, null);

	private static final int PARTS = 10;

	private final long interval;

	private final @Nullable Duration persistent;

	/**
	 * Creates a renewal.
	 * @param maxAge the maximum age of cookies; zero or less if they have none, so that
	 * they are not renewed
	 * @param persistent the idle timeout of sessions whose cookie has a longer maximum
	 * age and is not renewed: those of users who stay signed in; null if there are none
	 */
	public CookieRenewal(Duration maxAge, @Nullable Duration persistent) {
		this.interval = Math.max(maxAge.toMillis() / PARTS, 0);
		this.persistent = persistent;
	}

	/**
	 * Returns whether a request renews the cookie.
	 * @param created the creation time of the session
	 * @param previous the time of the previous access to the session
	 * @param now the time of the request
	 * @param idleTimeout the idle timeout of the session
	 * @return whether the cookie is sent again
	 */
	public boolean isDue(Instant created, Instant previous, Instant now, Duration idleTimeout) {
		return this.interval > 0 && !idleTimeout.equals(this.persistent)
				&& part(created, previous) < part(created, now);
	}

	private long part(Instant created, Instant time) {
		return Math.floorDiv(Duration.between(created, time).toMillis(), this.interval);
	}

	/**
	 * Returns whether a cache that several clients share may store a response, so that
	 * the cookie of one client would be sent to others
	 * (<a href="https://www.rfc-editor.org/rfc/rfc9111#section-3">RFC 9111, section
	 * 3</a>).
	 * @param cacheControl the values of its header {@code Cache-Control}
	 * @param dated whether it has the header {@code Expires} or {@code Last-Modified}
	 * @return whether it may be stored
	 */
	public static boolean isPubliclyCacheable(Collection<String> cacheControl, boolean dated) {
		String control = String.join(",", cacheControl).toLowerCase(Locale.ROOT);
		if (control.contains("no-store") || control.contains("private")) {
			return false;
		}
		return dated || control.contains("public") || control.contains("max-age") || control.contains("s-maxage");
	}

}
