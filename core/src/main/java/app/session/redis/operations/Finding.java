package app.session.redis.operations;

/**
 * A condition of a server that puts its sessions at risk.
 *
 * @param severity the severity
 * @param code the code of the finding, which is stable across versions
 * @param node the server with this condition, as {@code host:port}
 * @param what the description
 * @param why why it puts sessions at risk
 * @param remedy how to fix it; for a setting of Redis, the file and the line
 */
public record Finding(Severity severity, String code, String node, String what, String why, String remedy) {

	/**
	 * The severity of a finding.
	 */
	public enum Severity {

		/** Operators should know about it. */
		INFO,

		/** Sessions are lost if another fault occurs. */
		WARNING,

		/** Sessions are being lost, or will be soon. */
		CRITICAL

	}

	@Override
	public String toString() {
		return this.severity + " " + this.code + " at " + this.node + ": " + this.what + ". " + this.why + ". "
				+ this.remedy + ".";
	}

}
