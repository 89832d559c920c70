package app.session.redis.sample.device;

import java.time.Clock;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.Session;
import org.springframework.stereotype.Service;

/**
 * Finds and ends the sessions of one user. It looks them up in the repository's index by
 * the user's name, so other users' sessions are not accessible.
 */
@Service
class Devices {

	private final FindByIndexNameSessionRepository<? extends Session> sessions;

	private final Clock clock;

	Devices(FindByIndexNameSessionRepository<? extends Session> sessions, Clock clock) {
		this.sessions = sessions;
		this.clock = clock;
	}

	List<SignedInDevice> of(String userName, SessionHandle current) {
		return sessionsOf(userName).stream()
			.map((session) -> signedInDevice(session, current))
			.sorted(Comparator.comparing(SignedInDevice::current).thenComparing(SignedInDevice::lastSeenAt).reversed())
			.toList();
	}

	/**
	 * Ends one session of the user.
	 * @param userName the user's name
	 * @param handle the handle of the session; ignored if the session belongs to another
	 * user or has ended
	 */
	void signOut(String userName, SessionHandle handle) {
		signOut(userName, handle::equals);
	}

	/**
	 * Ends all sessions of the user except one.
	 * @param userName the user's name
	 * @param current the handle of the session to keep
	 */
	void signOutOthers(String userName, SessionHandle current) {
		signOut(userName, (handle) -> !handle.equals(current));
	}

	private void signOut(String userName, Predicate<SessionHandle> which) {
		sessionsOf(userName).stream()
			.filter((session) -> which.test(SessionHandle.of(session)))
			.forEach((session) -> this.sessions.deleteById(session.getId()));
	}

	private Collection<? extends Session> sessionsOf(String userName) {
		return this.sessions.findByPrincipalName(userName).values();
	}

	private SignedInDevice signedInDevice(Session session, SessionHandle current) {
		Device device = Device.of(session);
		SessionHandle handle = SessionHandle.of(session);
		return new SignedInDevice(handle.value(), device.browser() + " on " + device.system(), device.address(),
				device.signedInAt(), session.getLastAccessedTime(),
				LastSeen.inWords(session.getLastAccessedTime(), this.clock.instant()), handle.equals(current));
	}

}
