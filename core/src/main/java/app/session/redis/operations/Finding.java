package app.session.redis.operations;

/**
 * Something about a server that endangers the sessions it keeps.
 *
 * @param severity how much
 * @param code its name, which stays the same from version to version
 * @param node the server that it was found at, as {@code host:port}
 * @param what what was found
 * @param why why it endangers sessions
 * @param remedy what to do about it: where it is a setting of Redis, the file and the
 * line
 */
public record Finding(Severity severity, String code, String node, String what, String why, String remedy) {

	/**
	 * How much a finding endangers sessions.
	 */
	public enum Severity {

		/** It should be known. */
		INFO,

		/** Sessions are in danger when something else happens. */
		WARNING,

		/** Sessions are being lost, or soon will be. */
		CRITICAL

	}

	@Override
	public String toString() {
		return this.severity + " " + this.code + " at " + this.node + ": " + this.what + ". " + this.why + ". "
				+ this.remedy + ".";
	}

}
