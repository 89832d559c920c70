package app.session.redis.autoconfigure.servlet.contract;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

import jakarta.servlet.http.HttpSessionActivationListener;
import jakarta.servlet.http.HttpSessionAttributeListener;
import jakarta.servlet.http.HttpSessionBindingEvent;
import jakarta.servlet.http.HttpSessionBindingListener;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionIdListener;
import jakarta.servlet.http.HttpSessionListener;
import org.jspecify.annotations.Nullable;

import org.springframework.core.Ordered;

/**
 * The calls of all listeners in their order, and actions that a test takes during one.
 * Static, because attributes are listeners too, and may be deserialized.
 */
final class ListenerCalls {

	private static final List<Call> CALLS = Collections.synchronizedList(new ArrayList<>());

	private static final Map<String, Consumer<HttpSessionEvent>> ACTIONS = new ConcurrentHashMap<>();

	private static volatile @Nullable String oldId;

	private ListenerCalls() {
	}

	/**
	 * Takes an action during each call that follows.
	 * @param call the call, such as {@code created 1}, {@code added a=x} or
	 * {@code bound a}
	 * @param action the action
	 */
	static void during(String call, Consumer<HttpSessionEvent> action) {
		ACTIONS.put(call, action);
	}

	static void reset() {
		ACTIONS.clear();
		CALLS.clear();
	}

	/**
	 * Returns the calls since the last call of this method, without those of background
	 * threads: a session of an earlier test may expire at any time.
	 */
	static List<String> take() {
		return take((call) -> !call.background());
	}

	/**
	 * Returns the calls since the last call of this method, with those of background
	 * threads.
	 */
	static List<String> takeAll() {
		return take((call) -> true);
	}

	private static List<String> take(Predicate<Call> taken) {
		synchronized (CALLS) {
			List<String> calls = CALLS.stream().filter(taken).map(Call::name).toList();
			CALLS.clear();
			return calls;
		}
	}

	/** Returns the old id of the last id that has changed. */
	static @Nullable String oldId() {
		return oldId;
	}

	/** Records an entry that isn't a call, to show its place among the calls. */
	static void record(String call) {
		CALLS.add(new Call(call, false));
	}

	private static void call(String call, HttpSessionEvent event) {
		CALLS.add(new Call(call, Thread.currentThread().getName().startsWith("redis-session-")));
		Consumer<HttpSessionEvent> action = ACTIONS.get(call);
		if (action != null) {
			action.accept(event);
		}
	}

	/**
	 * A call.
	 *
	 * @param name the name of the method, with an attribute or a number
	 * @param background whether it was made by a thread of the store
	 */
	private record Call(String name, boolean background) {
	}

	/**
	 * A listener of sessions.
	 *
	 * @param number its place in the order of registration
	 */
	record SessionListener(int number) implements HttpSessionListener, Ordered {

		@Override
		public int getOrder() {
			return this.number;
		}

		@Override
		public void sessionCreated(HttpSessionEvent event) {
			call("created " + this.number, event);
		}

		@Override
		public void sessionDestroyed(HttpSessionEvent event) {
			call("destroyed " + this.number, event);
		}

	}

	/** A listener of attributes. */
	static final class AttributeListener implements HttpSessionAttributeListener {

		@Override
		public void attributeAdded(HttpSessionBindingEvent event) {
			call("added " + event.getName() + "=" + event.getValue(), event);
		}

		@Override
		public void attributeReplaced(HttpSessionBindingEvent event) {
			call("replaced " + event.getName() + "=" + event.getValue(), event);
		}

		@Override
		public void attributeRemoved(HttpSessionBindingEvent event) {
			call("removed " + event.getName() + "=" + event.getValue(), event);
		}

	}

	/** A listener of ids. */
	static final class IdListener implements HttpSessionIdListener {

		@Override
		public void sessionIdChanged(HttpSessionEvent event, String oldSessionId) {
			oldId = oldSessionId;
			call("id changed", event);
		}

	}

	/**
	 * An attribute that is a listener.
	 *
	 * @param label identifies the value
	 */
	record Bound(String label) implements HttpSessionBindingListener, HttpSessionActivationListener, Serializable {

		@Override
		public void valueBound(HttpSessionBindingEvent event) {
			call("bound " + this.label, event);
		}

		@Override
		public void valueUnbound(HttpSessionBindingEvent event) {
			call("unbound " + this.label, event);
		}

		@Override
		public void sessionWillPassivate(HttpSessionEvent event) {
			call("passivated " + this.label, event);
		}

		@Override
		public void sessionDidActivate(HttpSessionEvent event) {
			call("activated " + this.label, event);
		}

		@Override
		public String toString() {
			return this.label;
		}

	}

}
