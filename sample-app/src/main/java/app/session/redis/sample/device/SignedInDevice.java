package app.session.redis.sample.device;

import java.time.Instant;

/**
 * One row of the devices page.
 *
 * @param handle what the "sign out" button of the row sends
 * @param name the browser and the operating system
 * @param address the client's address
 * @param signedInAt when the user logged in
 * @param lastSeenAt when the session was last used
 * @param lastSeen the same in words, such as "5 minutes ago"
 * @param current whether it's the device that asks
 */
record SignedInDevice(String handle, String name, String address, Instant signedInAt, Instant lastSeenAt,
		String lastSeen, boolean current) {

}
