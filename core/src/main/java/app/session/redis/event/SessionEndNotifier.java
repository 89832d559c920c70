package app.session.redis.event;

import java.util.List;
import java.util.function.Supplier;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.event.NodeMessage.Kind;
import app.session.redis.session.KnownIds;
import app.session.redis.store.SessionStore;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.session.MapSession;
import org.springframework.session.Session;
import org.springframework.session.events.SessionDeletedEvent;
import org.springframework.session.events.SessionExpiredEvent;

/**
 * Notifies a listener of the end of each session that this node has served, once for each
 * id under which a registry may have registered it.
 */
public final class SessionEndNotifier {

	private static final Log logger = LogFactory.getLog(SessionEndNotifier.class);

	/**
	 * The number of sessions for which commands are sent before their replies are
	 * awaited.
	 */
	private static final int CHUNK = 500;

	private final Supplier<Object> source;

	private final KnownIds knownIds;

	private final SessionEndListener listener;

	/**
	 * Creates the notifier.
	 * @param source the source of events
	 * @param knownIds the ids of sessions that this node has served
	 * @param listener the listener
	 */
	public SessionEndNotifier(Supplier<Object> source, KnownIds knownIds, SessionEndListener listener) {
		this.source = source;
		this.knownIds = knownIds;
		this.listener = listener;
	}

	/**
	 * Returns whether this node has served a session and hasn't been notified of its end.
	 */
	boolean concerns(String handle) {
		return this.knownIds.contains(handle);
	}

	/**
	 * Notifies the listener of the end of a session, if this node has served it.
	 * @param published the id of the session in an event that was published on this node
	 * and has therefore reached the listener, or null
	 */
	void ended(Kind kind, String handle, @Nullable String published) {
		for (String secret : this.knownIds.remove(handle)) {
			String id = handle + secret;
			if (!id.equals(published)) {
				notifyListener(kind, handle, id);
			}
		}
	}

	/**
	 * Notifies the listener that an id under which a registry may have registered the
	 * session is no longer valid.
	 */
	void discard(String handle, String secret) {
		this.knownIds.unregister(handle, secret);
		notifyListener(Kind.DELETED, handle, handle + secret);
	}

	private void notifyListener(Kind kind, String handle, String id) {
		Session session = new MapSession(id);
		try {
			this.listener.onSessionEnd((kind == Kind.EXPIRED) ? new SessionExpiredEvent(this.source.get(), session)
					: new SessionDeletedEvent(this.source.get(), session));
		}
		catch (RuntimeException ex) {
			logger.error("Notifying the listener of the end of session " + handle + " failed", ex);
		}
	}

	/**
	 * Detects the ends of sessions whose messages this node has missed: one
	 * {@code EVALSHA alive} for each 50 sessions. A failure for some sessions doesn't
	 * prevent the check of the others.
	 * @throws SessionStoreUnavailableException if some couldn't be checked
	 */
	void recheck(SessionStore store) {
		List<String> handles = this.knownIds.handles();
		SessionStoreUnavailableException failure = null;
		for (int from = 0; from < handles.size(); from += CHUNK) {
			try {
				store.await(store.bulk().gone(handles.subList(from, Math.min(from + CHUNK, handles.size()))))
					.forEach((handle) -> ended(Kind.DELETED, handle, null));
			}
			catch (SessionStoreUnavailableException ex) {
				failure = ex;
			}
		}
		if (failure != null) {
			throw failure;
		}
	}

}
