package app.session.redis.autoconfigure.servlet.contract;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;

import app.session.redis.autoconfigure.servlet.contract.ListenerStatements.FailingCall;
import org.awaitility.Awaitility;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The server and the client of all statements, and one method for each difference between
 * implementations. Unless it is overridden, such a method returns what the specification
 * requires; where the specification leaves it open, it returns what most implementations
 * do.
 */
interface SessionContract {

	/** Returns the server, which all tests of a class share. */
	ContractServer server();

	/** Returns the client of the test. */
	ContractClient client();

	/** Returns another client without cookies. */
	ContractClient newClient();

	/** Creates a session with one attribute for the client of the test. */
	default void openSession(String name, Object value) {
		client().forgetCookies().run((request, response) -> request.getSession().setAttribute(name, value));
		assertThat(client().cookie()).as("the session cookie").isNotNull();
	}

	/** Waits until a condition holds. */
	default void await(Callable<Boolean> condition, String what) {
		Awaitility.await(what).pollInterval(Duration.ofMillis(50)).atMost(Duration.ofSeconds(10)).until(condition);
	}

	/** Lets time pass, which statements about time require. */
	default void pause(long milliseconds) {
		try {
			Thread.sleep(milliseconds);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	/** Returns the name of the session cookie. */
	String cookieName();

	/** Returns the value of the session cookie for the id of a session. */
	String cookieValue(String id);

	/** Returns what {@code getRequestedSessionId} returns for the id of a session. */
	default String requestedId(String id) {
		return id;
	}

	/**
	 * Whether the session cookie is {@code HttpOnly}, which the specification leaves to
	 * the configuration.
	 */
	default boolean cookieIsHttpOnly() {
		return true;
	}

	/**
	 * Whether the cookie of an invalidated session is expired. The specification doesn't
	 * require it.
	 */
	default boolean cookieOfAnInvalidatedSessionIsExpired() {
		return false;
	}

	/** Whether ids are read from and written to URLs. */
	default boolean sessionsAreTrackedByUrl() {
		return true;
	}

	/** Whether a request that doesn't use the session is an access (7.6). */
	default boolean unusedSessionsAreAccessed() {
		return true;
	}

	/**
	 * Whether an anonymous request keeps its changes if another request changes the id of
	 * the session.
	 */
	default boolean idChangesKeepAnonymousRequests() {
		return true;
	}

	/**
	 * Whether {@code changeSessionId} throws an {@link IllegalStateException} after the
	 * response has been committed. Otherwise, the client loses its session. The
	 * specification leaves it open.
	 */
	default boolean idChangeAfterTheCommitIsRefused() {
		return true;
	}

	/**
	 * Whether {@code getSession} throws an {@link IllegalStateException} after
	 * {@code sendError}, as its Javadoc requires of a committed response.
	 */
	default boolean sessionAfterSendErrorIsRefused() {
		return true;
	}

	/**
	 * How often the cookie of a new session is set if the response is reset after the
	 * session has been created. Without it, the client doesn't receive the session.
	 */
	default int cookiesAfterAReset() {
		return 1;
	}

	/**
	 * Whether the cookie of a changed id is lost if the response is reset after the
	 * change. The client then loses its session.
	 */
	default boolean resetDropsTheCookieOfAChangedId() {
		return false;
	}

	/**
	 * Whether an attribute can be read while its {@code valueBound} is called. The
	 * specification says that it can't (7.4).
	 */
	default boolean attributeIsVisibleInValueBound() {
		return false;
	}

	/** Whether the event of a bound attribute carries its value. */
	default boolean bindingEventCarriesTheValue() {
		return true;
	}

	/**
	 * The calls when an attribute {@code a} that is a listener is replaced by another,
	 * {@code b}. The new value is bound before it is available, and the old one is
	 * unbound when it is no longer available (7.4). The event carries the old value.
	 */
	default List<String> callsOnReplacement() {
		return List.of("bound b", "unbound a", "replaced name=a");
	}

	/**
	 * The calls when the same object is set again. The specification leaves it open.
	 */
	default List<String> callsOnSameObject() {
		return List.of("replaced name=a");
	}

	/** The calls when an object is replaced by an equal one. */
	default List<String> callsOnEqualObject() {
		return List.of("bound a", "unbound a", "replaced name=a");
	}

	/**
	 * Whether the method that causes the call of a listener throws the exception of the
	 * listener. The specification leaves it open.
	 */
	default boolean failureReachesTheCaller(FailingCall call) {
		return false;
	}

	/** The calls that are skipped because a listener has failed. */
	default List<String> callsSkippedAfter(FailingCall call) {
		return List.of();
	}

	/**
	 * Whether {@code getAccessor} throws an {@link IllegalStateException} if the session
	 * is invalid, as its Javadoc requires.
	 */
	default boolean invalidSessionRefusesAccessors() {
		return true;
	}

	/**
	 * Whether names that are added during an enumeration stay out of it. The
	 * specification leaves it open.
	 */
	default boolean attributeNamesAreASnapshot() {
		return true;
	}

	/**
	 * The result of {@code getAttribute} and {@code removeAttribute} with the name null.
	 */
	default String outcomeOfReadingTheNameNull() {
		return "done";
	}

	/** The result of {@code setAttribute} with the name null. */
	default String outcomeOfSettingTheNameNull() {
		return "IllegalArgumentException";
	}

	/**
	 * Whether {@code getRequestedSessionId} returns the new id after
	 * {@code changeSessionId}. Its Javadoc says that it returns the id that the client
	 * has sent.
	 */
	default boolean requestedIdFollowsAChange() {
		return false;
	}

	/** Whether each value of the session cookie is considered an id. */
	default boolean malformedCookiesAreIds() {
		return true;
	}

	/** Whether the requested id is valid after {@code changeSessionId}. */
	default boolean requestedIdIsValidAfterAChange() {
		return requestedIdFollowsAChange();
	}

	/**
	 * Whether a request that doesn't ask for its session updates the session's last
	 * access time.
	 */
	default boolean everyRequestIsAnAccess() {
		return true;
	}

	/** Whether an attribute is the same object in all requests. */
	default boolean attributesAreTheSameObjectsInLaterRequests() {
		return true;
	}

	/** Whether attributes may have types that are not serializable. */
	default boolean objectsMustBeSerializable() {
		return false;
	}

	/** Whether concurrent requests see a change before the response is committed. */
	default boolean changesAreVisibleBeforeTheResponse() {
		return true;
	}

	/**
	 * Whether a change through a reference to a session that is kept after its request is
	 * kept without an accessor.
	 */
	default boolean changesOutsideARequestAreKept() {
		return true;
	}

	/**
	 * Whether a reference to a session that is kept after its request sees what other
	 * requests do to it.
	 */
	default boolean keptReferencesSeeOtherRequests() {
		return true;
	}

	/** Whether a running request can't use a session that another one has ended. */
	default boolean sessionsEndInConcurrentRequests() {
		return true;
	}

	/** Whether attributes are notified when a request reads and saves them. */
	default boolean attributesAreActivatedAndPassivated() {
		return false;
	}

	/**
	 * Whether the container's request, which filters receive that run before the one that
	 * provides the sessions, has the same session.
	 */
	default boolean unwrappedRequestsHaveTheSameSession() {
		return true;
	}

}
