package app.session.redis.settings;

/**
 * The settings of the binding of sessions to the clients that logged in.
 *
 * @param userAgent whether the user agent must stay the same
 * @param ipv4Prefix how many leading bits of an IPv4 address must stay the same; zero for
 * none
 * @param ipv6Prefix how many leading bits of an IPv6 address must stay the same; zero for
 * none
 * @param onMismatch how a request of another client is handled
 */
public record ClientBindingSettings(boolean userAgent, int ipv4Prefix, int ipv6Prefix, OnMismatch onMismatch) {

	/** Sessions are not bound to clients. */
	public static final ClientBindingSettings NONE = new ClientBindingSettings(false, 0, 0, OnMismatch.REAUTHENTICATE);

	/**
	 * Returns whether sessions are bound to the addresses of clients.
	 * @return whether any part of an address is compared
	 */
	public boolean isAddress() {
		return this.ipv4Prefix > 0 || this.ipv6Prefix > 0;
	}

	/**
	 * Returns whether sessions are bound to clients.
	 * @return whether anything is compared
	 */
	public boolean isEnabled() {
		return this.userAgent || isAddress();
	}

}
