package app.session.redis.autoconfigure.servlet.contract;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

import app.session.redis.autoconfigure.servlet.contract.Behaviour.Failure;
import app.session.redis.autoconfigure.servlet.contract.ListenerCalls.Bound;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionBindingEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The calls of listeners and their order (Servlet 6.1, 7.4, 11.3 and the Javadoc of the
 * listeners).
 */
interface ListenerStatements extends SessionContract {

	private List<String> calls(Behaviour behaviour) {
		return allCalls(behaviour).stream().filter((call) -> !call.matches("(activated|passivated) .*")).toList();
	}

	private List<String> allCalls(Behaviour behaviour) {
		ListenerCalls.take();
		client().run(behaviour);
		return ListenerCalls.take();
	}

	private List<String> callsWithSession(SessionUse use) {
		openSession("first", "x");
		return calls((request, response) -> use.use(request.getSession()));
	}

	@Test
	default void creation_callsListenersInTheirOrderBeforeTheSessionIsReturned() {
		assertThat(calls((request, response) -> {
			request.getSession();
			ListenerCalls.record("returned");
		})).containsExactly("created 1", "created 2", "returned");
	}

	@Test
	default void creation_givesTheListenerTheSession() {
		List<String> ids = new ArrayList<>();
		ListenerCalls.during("created 1", (event) -> {
			ids.add(event.getSession().getId());
			assertThat(event.getSession().isNew()).isTrue();
			event.getSession().setAttribute("name", "value");
			event.getSession().setMaxInactiveInterval(777);
		});
		client().run((request, response) -> {
			HttpSession session = request.getSession();
			ids.add(session.getId());
			assertThat(session.getAttribute("name")).isEqualTo("value");
			assertThat(session.getMaxInactiveInterval()).isEqualTo(777);
		});
		assertThat(ids).hasSize(2);
		assertThat(ids.get(0)).isEqualTo(ids.get(1));
		assertThat(client().attribute("name")).isEqualTo("value");
	}

	@Test
	default void existingSession_isNotCreatedAgain() {
		openSession("name", "value");
		assertThat(calls((request, response) -> {
			request.getSession();
			request.getSession(true);
			request.getSession(false);
		})).isEmpty();
	}

	@Test
	default void requestWithoutSession_callsNoListener() {
		assertThat(calls((request, response) -> assertThat(request.getSession(false)).isNull())).isEmpty();
	}

	@Test
	default void newAttribute_isAdded() {
		assertThat(callsWithSession((session) -> session.setAttribute("name", "value")))
			.containsExactly("added name=value");
	}

	@Test
	default void replacedAttribute_isReportedWithItsOldValue() {
		assertThat(callsWithSession((session) -> session.setAttribute("first", "y")))
			.containsExactly("replaced first=x");
	}

	@Test
	default void removedAttribute_isReportedWithItsValue() {
		assertThat(callsWithSession((session) -> session.removeAttribute("first"))).containsExactly("removed first=x");
	}

	@Test
	default void attributeSetToNull_isRemoved() {
		assertThat(callsWithSession((session) -> {
			session.setAttribute("first", null);
			assertThat(session.getAttribute("first")).isNull();
			assertThat(Collections.list(session.getAttributeNames())).isEmpty();
		})).containsExactly("removed first=x");
		assertThat(client().attribute("first")).isNull();
	}

	@Test
	default void missingAttributeThatIsRemoved_callsNoListener() {
		assertThat(callsWithSession((session) -> {
			session.removeAttribute("missing");
			session.setAttribute("missing", null);
		})).isEmpty();
	}

	@Test
	default void attributeThatIsRead_callsNoListener() {
		assertThat(callsWithSession((session) -> {
			session.getAttribute("first");
			session.getAttribute("missing");
			session.getAttributeNames();
		})).isEmpty();
	}

	@Test
	default void attributeEvent_carriesTheSession() {
		List<String> ids = new ArrayList<>();
		ListenerCalls.during("added name=value", (event) -> ids.add(event.getSession().getId()));
		client().run((request, response) -> {
			request.getSession().setAttribute("name", "value");
			ids.add(request.getSession().getId());
		});
		assertThat(ids).hasSize(2);
		assertThat(ids.get(0)).isEqualTo(ids.get(1));
	}

	@Test
	default void attribute_hasItsNewValueWhileTheAttributeListenerIsCalled() {
		List<Object> values = new ArrayList<>();
		ListenerCalls.during("added name=1", (event) -> values.add(event.getSession().getAttribute("name")));
		ListenerCalls.during("replaced name=1", (event) -> values.add(event.getSession().getAttribute("name")));
		ListenerCalls.during("removed name=2", (event) -> values.add(event.getSession().getAttribute("name")));
		client().run((request, response) -> {
			request.getSession().setAttribute("name", "1");
			request.getSession().setAttribute("name", "2");
			request.getSession().removeAttribute("name");
		});
		assertThat(values).containsExactly("1", "2", null);
	}

	@Test
	default void boundAttribute_isNotifiedBeforeTheListeners() {
		assertThat(callsWithSession((session) -> session.setAttribute("name", new Bound("a"))))
			.containsExactly("bound a", "added name=a");
	}

	@Test
	default void boundAttribute_isVisibleWhileItIsNotified() {
		List<Object> values = new ArrayList<>();
		ListenerCalls.during("bound a", (event) -> values.add(event.getSession().getAttribute("name")));
		ListenerCalls.during("unbound a", (event) -> values.add(event.getSession().getAttribute("name")));
		callsWithSession((session) -> {
			session.setAttribute("name", new Bound("a"));
			session.removeAttribute("name");
		});
		assertThat(values).hasSize(2);
		assertThat(values.get(0) != null).isEqualTo(attributeIsVisibleInValueBound());
		assertThat(values.get(1)).isNull();
	}

	@Test
	default void bindingEvent_carriesNameAndValue() {
		List<Object> seen = new ArrayList<>();
		for (String call : List.of("bound a", "unbound a")) {
			ListenerCalls.during(call, (event) -> {
				seen.add(((HttpSessionBindingEvent) event).getName());
				seen.add(((HttpSessionBindingEvent) event).getValue());
			});
		}
		Bound value = new Bound("a");
		callsWithSession((session) -> {
			session.setAttribute("name", value);
			session.removeAttribute("name");
		});
		Bound expected = bindingEventCarriesTheValue() ? value : null;
		assertThat(seen).containsExactly("name", expected, "name", expected);
	}

	@Test
	default void unboundAttribute_isNotifiedBeforeTheListeners() {
		assertThat(callsWithSession((session) -> {
			session.setAttribute("name", new Bound("a"));
			ListenerCalls.take();
			session.removeAttribute("name");
		})).containsExactly("unbound a", "removed name=a");
	}

	@Test
	default void replacedBoundAttribute_isUnboundAndTheNewOneIsBound() {
		List<String> calls = callsWithSession((session) -> {
			session.setAttribute("name", new Bound("a"));
			ListenerCalls.take();
			session.setAttribute("name", new Bound("b"));
		});
		assertThat(calls).containsExactlyElementsOf(callsOnReplacement());
	}

	@Test
	default void boundAttributeReplacedByAnOrdinaryValue_isUnbound() {
		assertThat(callsWithSession((session) -> {
			session.setAttribute("name", new Bound("a"));
			ListenerCalls.take();
			session.setAttribute("name", "x");
		})).containsExactly("unbound a", "replaced name=a");
	}

	@Test
	default void sameObjectSetAgain_isNotBoundAgain() {
		Bound value = new Bound("a");
		assertThat(callsWithSession((session) -> {
			session.setAttribute("name", value);
			ListenerCalls.take();
			session.setAttribute("name", value);
		})).containsExactlyElementsOf(callsOnSameObject());
	}

	@Test
	default void equalObjectSetAgain_replacesTheFirst() {
		Bound value = new Bound("a");
		assertThat(callsWithSession((session) -> {
			session.setAttribute("name", value);
			ListenerCalls.take();
			session.setAttribute("name", new Bound("a"));
		})).containsExactlyElementsOf(callsOnEqualObject());
	}

	@Test
	default void attributeBoundInAnEarlierRequest_isUnbound() {
		openSession("name", new Bound("a"));
		assertThat(calls((request, response) -> request.getSession().removeAttribute("name")))
			.containsExactly("unbound a", "removed name=a");
	}

	@Test
	default void attributeBoundInAnEarlierRequest_isReplaced() {
		openSession("name", new Bound("a"));
		assertThat(calls((request, response) -> request.getSession().setAttribute("name", "x")))
			.containsExactly("unbound a", "replaced name=a");
	}

	@Test
	default void activationListener_isCalledIfTheSessionLeavesTheContainer() {
		openSession("name", new Bound("a"));
		assertThat(allCalls((request, response) -> request.getSession().getAttribute("name")))
			.isEqualTo(attributesAreActivatedAndPassivated() ? List.of("activated a", "passivated a") : List.of());
	}

	@Test
	default void changedId_isReportedWithTheNewId() {
		openSession("name", "value");
		List<String> ids = new ArrayList<>();
		ListenerCalls.during("id changed", (event) -> ids.add(event.getSession().getId()));
		List<String> old = new ArrayList<>();
		assertThat(calls((request, response) -> {
			old.add(request.getSession().getId());
			ids.add(request.changeSessionId());
		})).containsExactly("id changed");
		assertThat(ids).hasSize(2);
		assertThat(ids.get(0)).isEqualTo(ids.get(1));
		assertThat(ListenerCalls.oldId()).isEqualTo(old.get(0));
	}

	@Test
	default void invalidation_callsListenersInReverseOrderThenUnbinds() {
		openSession("name", new Bound("a"));
		assertThat(calls((request, response) -> {
			request.getSession().invalidate();
			ListenerCalls.record("returned");
		})).containsExactly("destroyed 2", "destroyed 1", "unbound a", "removed name=a", "returned");
	}

	@Test
	default void invalidation_unbindsEachAttribute() {
		openSession("first", new Bound("a"));
		client().run((request, response) -> request.getSession().setAttribute("second", new Bound("b")));
		List<String> calls = calls((request, response) -> request.getSession().invalidate());
		assertThat(calls.subList(0, 2)).containsExactly("destroyed 2", "destroyed 1");
		assertThat(calls.subList(2, calls.size())).containsExactlyInAnyOrder("unbound a", "removed first=a",
				"unbound b", "removed second=b");
		assertThat(calls).containsSubsequence("unbound a", "removed first=a")
			.containsSubsequence("unbound b", "removed second=b");
	}

	@Test
	default void invalidationInTheFirstRequest_callsListenersOfCreationAndEnd() {
		assertThat(calls((request, response) -> {
			request.getSession().setAttribute("name", "value");
			request.getSession().invalidate();
		})).containsExactly("created 1", "created 2", "added name=value", "destroyed 2", "destroyed 1",
				"removed name=value");
	}

	@Test
	default void sessionAfterAnInvalidation_isCreated() {
		openSession("name", "value");
		assertThat(calls((request, response) -> {
			request.getSession().invalidate();
			request.getSession();
		})).containsExactly("destroyed 2", "destroyed 1", "removed name=value", "created 1", "created 2");
	}

	@Test
	default void sessionToBeDestroyed_isStillReadable() {
		openSession("name", "value");
		List<Object> seen = new ArrayList<>();
		ListenerCalls.during("destroyed 1", (event) -> {
			HttpSession session = event.getSession();
			seen.addAll(Arrays.asList(session.getId(), session.getAttribute("name"),
					Collections.list(session.getAttributeNames()), session.getCreationTime() > 0,
					session.getLastAccessedTime() > 0, session.isNew(), session.getServletContext() != null));
		});
		String id = client().ask((request, response) -> {
			String current = request.getSession().getId();
			request.getSession().invalidate();
			return current;
		});
		assertThat(seen).containsExactly(id, "value", List.of("name"), true, true, false, true);
	}

	@Test
	default void sessionToBeDestroyed_acceptsRemovalOfItsAttributes() {
		openSession("name", new Bound("a"));
		ListenerCalls.during("destroyed 1", (event) -> event.getSession().removeAttribute("name"));
		assertThat(calls((request, response) -> request.getSession().invalidate())).containsExactly("destroyed 2",
				"destroyed 1", "unbound a", "removed name=a");
	}

	@Test
	default void sessionToBeDestroyed_isInvalidatedOnceIfAListenerInvalidatesItToo() {
		openSession("name", "value");
		ListenerCalls.during("destroyed 2", (event) -> {
			try {
				event.getSession().invalidate();
			}
			catch (IllegalStateException ex) {
				ListenerCalls.record("refused");
			}
		});
		List<String> calls = calls((request, response) -> request.getSession().invalidate());
		assertThat(calls).filteredOn((call) -> !call.equals("refused"))
			.containsExactly("destroyed 2", "destroyed 1", "removed name=value");
		assertThat(client().hasSession()).isFalse();
	}

	@Test
	default void invalidationWhileTheSessionIsCreated_leavesNoSession() {
		ListenerCalls.during("created 1", (event) -> event.getSession().invalidate());
		client().run((request, response) -> {
			try {
				request.getSession().setAttribute("name", "value");
				ListenerCalls.record("set");
			}
			catch (IllegalStateException ex) {
				ListenerCalls.record("invalid");
			}
		});
		assertThat(ListenerCalls.take()).contains("created 1", "destroyed 2", "destroyed 1", "invalid")
			.doesNotContain("set");
		assertThat(client().hasSession()).isFalse();
	}

	@Test
	default void expiry_callsListenersInReverseOrderThenUnbinds() {
		openSession("name", new Bound("a"));
		client().run((request, response) -> request.getSession().setMaxInactiveInterval(1));
		ListenerCalls.take();
		List<String> calls = new ArrayList<>();
		pause(1_200);
		await(() -> {
			client().copy().hasSession();
			calls.addAll(ListenerCalls.takeAll());
			return calls.contains("removed name=a");
		}, "the session expires");
		assertThat(calls).containsExactly("destroyed 2", "destroyed 1", "unbound a", "removed name=a");
	}

	@ParameterizedTest
	@EnumSource
	default void failureOfAListener_isContained(FailingCall call) {
		ListenerCalls.during(call.call, (event) -> {
			throw new Failure();
		});
		List<String> failures = new ArrayList<>();
		client().run((request, response) -> {
			attempt(failures, request::getSession);
			attempt(failures, () -> request.getSession().setAttribute("name", "a"));
			attempt(failures, () -> request.getSession().setAttribute("name", "b"));
			attempt(failures, () -> request.getSession().removeAttribute("name"));
			attempt(failures, () -> request.getSession().setAttribute("bound", new Bound("c")));
			attempt(failures, () -> request.getSession().removeAttribute("bound"));
			attempt(failures, request::changeSessionId);
			attempt(failures, () -> request.getSession().invalidate());
		});
		List<String> calls = new ArrayList<>(
				List.of("created 1", "created 2", "added name=a", "replaced name=a", "removed name=b", "bound c",
						"added bound=c", "unbound c", "removed bound=c", "id changed", "destroyed 2", "destroyed 1"));
		calls.removeAll(callsSkippedAfter(call));
		assertThat(ListenerCalls.take()).containsExactlyElementsOf(calls);
		assertThat(failures).isEqualTo(failureReachesTheCaller(call) ? List.of("Failure") : List.of());
		assertThat(client().hasSession()).isFalse();
	}

	private static void attempt(List<String> failures, Runnable action) {
		try {
			action.run();
		}
		catch (RuntimeException ex) {
			failures.add(ex.getClass().getSimpleName());
		}
	}

	/**
	 * The call of a listener that fails.
	 */
	enum FailingCall {

		SESSION_CREATED("created 1"), ATTRIBUTE_ADDED("added name=a"), ATTRIBUTE_REPLACED("replaced name=a"),
		ATTRIBUTE_REMOVED("removed name=b"), VALUE_BOUND("bound c"), VALUE_UNBOUND("unbound c"),
		SESSION_ID_CHANGED("id changed"), SESSION_DESTROYED("destroyed 1"),
		SESSION_DESTROYED_IN_THE_LAST("destroyed 2");

		private final String call;

		FailingCall(String call) {
			this.call = call;
		}

	}

	/** A use of a session. */
	@FunctionalInterface
	interface SessionUse {

		void use(HttpSession session) throws Exception;

	}

}
