package app.session.redis.sample.device;

import java.time.Instant;

/**
 * A row of the devices page.
 *
 * @param handle the value that the "sign out" button of the row sends
 * @param name the browser and the operating system
 * @param address the client's address
 * @param signedInAt the time at which the user logged in
 * @param lastSeenAt the time at which the session was last used
 * @param lastSeen the same in words, such as "5 minutes ago"
 * @param current whether it is the device of the current request
 */
record SignedInDevice(String handle, String name, String address, Instant signedInAt, Instant lastSeenAt,
		String lastSeen, boolean current) {

}
