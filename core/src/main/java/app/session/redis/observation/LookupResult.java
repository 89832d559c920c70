package app.session.redis.observation;

/**
 * What a look for one session comes to.
 */
public enum LookupResult {

	/** It lives. */
	HIT,

	/** There is none of that handle, or its id has another secret. */
	MISS,

	/** It is still there, so that its expiry can be told, but its time is over. */
	EXPIRED,

	/** It is there, but can't be read here. */
	UNREADABLE

}
