package app.session.redis.autoconfigure.servlet.contract;

import java.util.List;

import app.session.redis.autoconfigure.servlet.contract.ListenerStatements.FailingCall;

/**
 * The statements over the container's own sessions.
 */
class ContainerSessionsITests extends ServletSessionContract {

	@Override
	List<String> properties() {
		return List.of("spring.autoconfigure.exclude="
				+ String.join(",", "app.session.redis.autoconfigure.RedisSessionAutoConfiguration",
						"org.springframework.boot.session.autoconfigure.SessionAutoConfiguration",
						"org.springframework.boot.session.data.redis.autoconfigure.SessionDataRedisAutoConfiguration",
						"org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration"));
	}

	private boolean isJetty() {
		return server().isJetty();
	}

	private boolean isTomcat() {
		return !isJetty();
	}

	@Override
	public String cookieName() {
		return "JSESSIONID";
	}

	/** Jetty appends the name of its node. */
	@Override
	public String cookieValue(String id) {
		return isJetty() ? id + ".node0" : id;
	}

	/** Jetty returns the value of the cookie, with the name of its node. */
	@Override
	public String requestedId(String id) {
		return cookieValue(id);
	}

	/** Jetty's default is a cookie that scripts can read. */
	@Override
	public boolean cookieIsHttpOnly() {
		return isTomcat();
	}

	/** Tomcat changes the id, and its cookie is lost. */
	@Override
	public boolean idChangeAfterTheCommitIsRefused() {
		return isJetty();
	}

	/** Jetty creates the session, because it commits the response later. */
	@Override
	public boolean sessionAfterSendErrorIsRefused() {
		return isTomcat();
	}

	/** Tomcat drops the cookie with the other headers. Jetty adds it twice. */
	@Override
	public int cookiesAfterAReset() {
		return isJetty() ? 2 : 0;
	}

	/** Both drop the cookie with the other headers. */
	@Override
	public boolean resetDropsTheCookieOfAChangedId() {
		return true;
	}

	/** Jetty calls all listeners after the attribute has been set. */
	@Override
	public boolean attributeIsVisibleInValueBound() {
		return isJetty();
	}

	/** Jetty's event has no value. */
	@Override
	public boolean bindingEventCarriesTheValue() {
		return isTomcat();
	}

	/**
	 * Tomcat reuses the event of {@code valueBound}, so that {@code attributeReplaced}
	 * receives the new value. Jetty unbinds the old value first.
	 */
	@Override
	public List<String> callsOnReplacement() {
		return isJetty() ? List.of("unbound a", "bound b", "replaced name=a")
				: List.of("bound b", "unbound a", "replaced name=b");
	}

	/** Jetty calls no listener if the values are equal. */
	@Override
	public List<String> callsOnSameObject() {
		return isJetty() ? List.of() : super.callsOnSameObject();
	}

	/** Jetty calls no listener if the values are equal. */
	@Override
	public List<String> callsOnEqualObject() {
		return isJetty() ? List.of() : super.callsOnEqualObject();
	}

	/**
	 * Jetty doesn't contain failures of listeners of attributes. Tomcat doesn't contain
	 * one of {@code valueUnbound} if the attribute is removed.
	 */
	@Override
	public boolean failureReachesTheCaller(FailingCall call) {
		return switch (call) {
			case VALUE_UNBOUND -> true;
			case ATTRIBUTE_ADDED, ATTRIBUTE_REPLACED, ATTRIBUTE_REMOVED, VALUE_BOUND -> isJetty();
			default -> false;
		};
	}

	/**
	 * Both call no listener of attributes after {@code valueUnbound} has failed. Jetty
	 * calls no other listener after any has failed.
	 */
	@Override
	public List<String> callsSkippedAfter(FailingCall call) {
		if (isTomcat()) {
			return (call == FailingCall.VALUE_UNBOUND) ? List.of("removed bound=c") : List.of();
		}
		return switch (call) {
			case SESSION_CREATED -> List.of("created 2");
			case SESSION_DESTROYED_IN_THE_LAST -> List.of("destroyed 1");
			case VALUE_BOUND -> List.of("added bound=c");
			case VALUE_UNBOUND -> List.of("removed bound=c");
			default -> List.of();
		};
	}

	/** Jetty returns an accessor, which fails when it is used. */
	@Override
	public boolean invalidSessionRefusesAccessors() {
		return isTomcat();
	}

	/** Jetty enumerates the names as they are at each step. */
	@Override
	public boolean attributeNamesAreASnapshot() {
		return isTomcat();
	}

	/** Jetty's map accepts no null. */
	@Override
	public String outcomeOfReadingTheNameNull() {
		return isJetty() ? "NullPointerException" : super.outcomeOfReadingTheNameNull();
	}

	/** Jetty's map accepts no null. */
	@Override
	public String outcomeOfSettingTheNameNull() {
		return isJetty() ? "NullPointerException" : super.outcomeOfSettingTheNameNull();
	}

	/** Tomcat replaces the requested id. */
	@Override
	public boolean requestedIdFollowsAChange() {
		return isTomcat();
	}

}
