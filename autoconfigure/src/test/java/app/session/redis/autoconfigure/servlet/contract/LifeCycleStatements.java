package app.session.redis.autoconfigure.servlet.contract;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import app.session.redis.autoconfigure.servlet.contract.ContractClient.Answer;
import jakarta.servlet.http.HttpSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.session.FindByIndexNameSessionRepository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * The life of a session and of a reference to it (Servlet 6.1, 7.2 to 7.7, and the
 * Javadoc of {@code HttpSession}).
 */
interface LifeCycleStatements extends SessionContract {

	@Test
	default void session_isTheSameObjectDuringARequest() {
		client().run((request, response) -> {
			HttpSession session = request.getSession();
			assertThat(request.getSession()).isSameAs(session);
			assertThat(request.getSession(false)).isSameAs(session);
		});
		client().run((request, response) -> assertThat(request.getSession()).isSameAs(request.getSession(false)));
	}

	@Test
	default void session_isNewUntilTheClientJoinsIt() {
		client().run((request, response) -> {
			assertThat(request.getSession().isNew()).isTrue();
			assertThat(request.getSession(false).isNew()).isTrue();
			response.flushBuffer();
			assertThat(request.getSession().isNew()).isTrue();
		});
		client().run((request, response) -> assertThat(request.getSession().isNew()).isFalse());
	}

	@Test
	default void clientThatRefusesCookies_hasANewSessionInEachRequest() {
		String first = client().ask((request, response) -> request.getSession().getId());
		client().forgetCookies().run((request, response) -> {
			assertThat(request.getSession().isNew()).isTrue();
			assertThat(request.getSession().getId()).isNotEqualTo(first);
		});
	}

	@Test
	default void id_isStableAndTheValueOfTheCookie() {
		String id = client().ask((request, response) -> request.getSession().getId());
		assertThat(client().cookie()).isEqualTo(cookieValue(id));
		assertThat(client().<String>ask((request, response) -> request.getSession().getId())).isEqualTo(id);
	}

	@Test
	default void servletContext_isThatOfTheRequest() {
		client().run((request, response) -> assertThat(request.getSession().getServletContext())
			.isSameAs(request.getServletContext()));
	}

	@Test
	default void creationTime_isThatOfTheFirstRequest() {
		long before = System.currentTimeMillis();
		long created = client().ask((request, response) -> request.getSession().getCreationTime());
		assertThat(created).isBetween(before, System.currentTimeMillis());
		pause(40);
		assertThat(client().<Long>ask((request, response) -> request.getSession().getCreationTime()))
			.isEqualTo(created);
	}

	@Test
	default void lastAccessedTime_ofTheFirstRequestIsTheCreationTime() {
		client().run((request, response) -> assertThat(request.getSession().getLastAccessedTime())
			.isEqualTo(request.getSession().getCreationTime()));
	}

	@Test
	default void lastAccessedTime_isThatOfThePreviousRequest() {
		openSession("name", "value");
		pause(40);
		long second = System.currentTimeMillis();
		long first = client().ask((request, response) -> request.getSession().getLastAccessedTime());
		assertThat(first).isLessThan(second);
		pause(40);
		long third = System.currentTimeMillis();
		assertThat(client().<Long>ask((request, response) -> request.getSession().getLastAccessedTime()))
			.isBetween(second, third);
	}

	@Test
	default void lastAccessedTime_isNotAffectedByTheApplication() {
		openSession("name", "value");
		client().run((request, response) -> {
			long before = request.getSession().getLastAccessedTime();
			pause(40);
			request.getSession().setAttribute("name", "other");
			request.getSession().getAttribute("name");
			request.getSession().setMaxInactiveInterval(100);
			assertThat(request.getSession().getLastAccessedTime()).isEqualTo(before);
		});
	}

	@Test
	default void lastAccessedTime_isUpdatedByRequestsThatDoNotUseTheSession() {
		openSession("name", "value");
		pause(40);
		long second = System.currentTimeMillis();
		client().run((request, response) -> response.getWriter().print("x"));
		pause(40);
		long last = client().ask((request, response) -> request.getSession().getLastAccessedTime());
		assertThat(last >= second).isEqualTo(everyRequestIsAnAccess());
	}

	@Test
	default void timeout_isThatOfTheConfiguration() {
		assertThat(client().<Integer>ask((request, response) -> request.getSession().getMaxInactiveInterval()))
			.isEqualTo(1800);
	}

	@Test
	default void timeout_isKept() {
		client().run((request, response) -> {
			request.getSession().setMaxInactiveInterval(120);
			assertThat(request.getSession().getMaxInactiveInterval()).isEqualTo(120);
		});
		assertThat(client().<Integer>ask((request, response) -> request.getSession().getMaxInactiveInterval()))
			.isEqualTo(120);
	}

	@Test
	default void timeoutOfZeroOrLess_neverExpires() {
		for (int timeout : new int[] { 0, -1, -5 }) {
			client().forgetCookies().run((request, response) -> {
				request.getSession().setMaxInactiveInterval(timeout);
				assertThat(request.getSession().getMaxInactiveInterval()).isLessThanOrEqualTo(0);
			});
			pause(40);
			assertThat(client().<Integer>ask((request, response) -> request.getSession(false).getMaxInactiveInterval()))
				.isLessThanOrEqualTo(0);
		}
	}

	@Test
	default void timeoutThatPasses_endsTheSession() {
		openSession("name", "value");
		String cookie = client().cookie();
		client().run((request, response) -> request.getSession().setMaxInactiveInterval(1));
		pause(1_200);
		client().run((request, response) -> {
			assertThat(request.getSession(false)).isNull();
			assertThat(request.isRequestedSessionIdValid()).isFalse();
			assertThat(request.getSession().isNew()).isTrue();
			assertThat(request.getSession().getAttribute("name")).isNull();
		});
		assertThat(client().cookie()).isNotNull().isNotEqualTo(cookie);
	}

	@Test
	default void attribute_isTheObjectThatWasSetDuringTheRequest() {
		Counter counter = new Counter();
		client().run((request, response) -> {
			request.getSession().setAttribute("counter", counter);
			assertThat(request.getSession().getAttribute("counter")).isSameAs(counter);
		});
		assertThat(client().attribute("counter") == counter).isEqualTo(attributesAreTheSameObjectsInLaterRequests());
	}

	@Test
	default void attribute_isTheSameObjectWheneverItIsReadDuringARequest() {
		openSession("counter", new Counter());
		client().run((request, response) -> assertThat(request.getSession().getAttribute("counter"))
			.isSameAs(request.getSession().getAttribute("counter")));
	}

	@Test
	default void objectThatIsChanged_isKeptWithoutBeingSetAgain() {
		openSession("counter", new Counter());
		client().run((request, response) -> ((Counter) request.getSession().getAttribute("counter")).value = 5);
		assertThat(((Counter) client().attribute("counter")).value).isEqualTo(5);
	}

	@Test
	default void objectThatIsChangedAfterItWasSet_isKept() {
		client().run((request, response) -> {
			Counter counter = new Counter();
			request.getSession().setAttribute("counter", counter);
			counter.value = 5;
		});
		assertThat(((Counter) client().attribute("counter")).value).isEqualTo(5);
	}

	@Test
	default void attribute_isVisibleToOtherRequestsOnceTheRequestHasEnded() {
		openSession("name", "old");
		client().run((request, response) -> {
			request.getSession().setAttribute("name", "new");
			ContractClient other = client().copy();
			assertThat(other.attribute("name")).isEqualTo(changesAreVisibleBeforeTheResponse() ? "new" : "old");
		});
		assertThat(client().attribute("name")).isEqualTo("new");
	}

	@Test
	default void attributesOfConcurrentRequests_areAllKept() {
		openSession("name", "value");
		client().run((request, response) -> {
			request.getSession().setAttribute("outer", "1");
			client().copy().run((otherRequest, otherResponse) -> otherRequest.getSession().setAttribute("inner", "2"));
		});
		assertThat(client().attribute("outer")).isEqualTo("1");
		assertThat(client().attribute("inner")).isEqualTo("2");
	}

	@Test
	default void removedAttribute_isGone() {
		openSession("name", "value");
		client().run((request, response) -> {
			request.getSession().setAttribute("other", "x");
			request.getSession().removeAttribute("name");
			assertThat(request.getSession().getAttribute("name")).isNull();
		});
		assertThat(client().attribute("name")).isNull();
		assertThat(client().attribute("other")).isEqualTo("x");
	}

	@Test
	default void attributeOfAnyNameAndText_isKept() {
		List<String> texts = List.of("", " ", "a b", "a:b", "a.b*c", "\u00e9\u20ac\ud83d\ude00", "x".repeat(1_000),
				"line\r\nbreak", "\u0000");
		client().run((request, response) -> texts.forEach((text) -> request.getSession().setAttribute(text, text)));
		client().run((request, response) -> {
			assertThat(Collections.list(request.getSession().getAttributeNames()))
				.containsExactlyInAnyOrderElementsOf(texts);
			texts.forEach((text) -> assertThat(request.getSession().getAttribute(text)).isEqualTo(text));
		});
	}

	@Test
	default void attributeNames_areASnapshot() {
		client().run((request, response) -> {
			HttpSession session = request.getSession();
			session.setAttribute("a", "1");
			session.setAttribute("b", "2");
			List<String> seen = new ArrayList<>();
			for (Enumeration<String> names = session.getAttributeNames(); names.hasMoreElements();) {
				String name = names.nextElement();
				seen.add(name);
				if (name.length() == 1) {
					session.removeAttribute(name);
					session.setAttribute(name + "-copy", "3");
				}
			}
			assertThat(seen).contains("a", "b");
			assertThat(seen.size() == 2).isEqualTo(attributeNamesAreASnapshot());
			assertThat(Collections.list(session.getAttributeNames())).containsExactlyInAnyOrder("a-copy", "b-copy");
		});
		assertThat(client()
			.<List<String>>ask((request, response) -> Collections.list(request.getSession().getAttributeNames())))
			.containsExactlyInAnyOrder("a-copy", "b-copy");
	}

	@Test
	default void nameThatIsNull_isHandled() {
		client().run((request, response) -> {
			HttpSession session = request.getSession();
			assertThat(outcome(() -> session.getAttribute(null))).isEqualTo(outcomeOfReadingTheNameNull());
			assertThat(outcome(() -> session.removeAttribute(null))).isEqualTo(outcomeOfReadingTheNameNull());
			assertThat(outcome(() -> session.setAttribute(null, "x"))).isEqualTo(outcomeOfSettingTheNameNull());
			assertThat(outcome(() -> session.setAttribute(null, null))).isEqualTo(outcomeOfSettingTheNameNull());
		});
	}

	@Test
	default void objectThatIsNotSerializable_isAccepted() {
		int status;
		try {
			status = client().run((request, response) -> request.getSession().setAttribute("name", new Object()))
				.status();
		}
		catch (RuntimeException ex) {
			status = 500;
		}
		assertThat(status).isEqualTo(objectsMustBeSerializable() ? 500 : 200);
	}

	@Test
	default void invalidSession_isRefusedByTheMethodsThatTheSpecificationNames() {
		openSession("name", "value");
		client().run((request, response) -> {
			HttpSession session = request.getSession();
			session.invalidate();
			for (SessionMethod method : SessionMethod.values()) {
				assertThat(outcome(() -> method.call(session))).as(method.name()).isEqualTo(outcomeIfInvalid(method));
			}
		});
	}

	@ParameterizedTest
	@EnumSource
	default void sessionInvalidatedInAnEarlierRequest_isRefused(SessionMethod method) {
		AtomicReference<@Nullable HttpSession> kept = new AtomicReference<>();
		openSession("name", "value");
		client().run((request, response) -> {
			kept.set(request.getSession());
			request.getSession().invalidate();
		});
		assertThat(outcome(() -> method.call(kept.get()))).isEqualTo(outcomeIfInvalid(method));
	}

	private String outcomeIfInvalid(SessionMethod method) {
		boolean refused = method.refusesInvalidSession
				&& (method != SessionMethod.GET_ACCESSOR || invalidSessionRefusesAccessors());
		return refused ? "IllegalStateException" : "done";
	}

	@Test
	default void invalidSession_keepsItsId() {
		client().run((request, response) -> {
			HttpSession session = request.getSession();
			String id = session.getId();
			session.invalidate();
			assertThat(session.getId()).isEqualTo(id);
			assertThat(session.getServletContext()).isSameAs(request.getServletContext());
		});
	}

	@Test
	default void invalidSession_isGoneForTheRequest() {
		openSession("name", "value");
		client().run((request, response) -> {
			request.getSession().invalidate();
			assertThat(request.getSession(false)).isNull();
			assertThatIllegalStateException().isThrownBy(request::changeSessionId);
		});
		assertThat(client().hasSession()).isFalse();
	}

	@Test
	default void cookieOfAnInvalidatedSession_isExpired() {
		openSession("name", "value");
		client().run((request, response) -> request.getSession().invalidate());
		assertThat(client().cookie() == null).isEqualTo(cookieOfAnInvalidatedSessionIsExpired());
	}

	@Test
	default void sessionCreatedAndInvalidatedInOneRequest_isGone() {
		List<String> ids = new ArrayList<>();
		client().run((request, response) -> {
			ids.add(request.getSession().getId());
			request.getSession().invalidate();
		});
		assertThat(newClient().cookie(cookieValue(ids.get(0))).hasSession()).isFalse();
		assertThat(client().hasSession()).isFalse();
	}

	@Test
	default void sessionAfterAnInvalidation_isANewOneWithItsOwnCookie() {
		openSession("name", "value");
		ContractClient old = client().copy();
		Answer answer = client().run((request, response) -> {
			HttpSession first = request.getSession();
			first.invalidate();
			HttpSession second = request.getSession();
			assertThat(second).isNotSameAs(first);
			assertThat(second.getId()).isNotEqualTo(first.getId());
			assertThat(second.isNew()).isTrue();
			assertThat(Collections.list(second.getAttributeNames())).isEmpty();
			second.setAttribute("name", "second");
			assertThatIllegalStateException().isThrownBy(() -> first.getAttribute("name"));
		});
		client().assertSessionCookieSetOnce(answer);
		assertThat(client().attribute("name")).isEqualTo("second");
		assertThat(old.hasSession()).isFalse();
	}

	@Test
	default void sessionsCreatedOneAfterAnother_leaveTheLastOne() {
		Answer answer = client().run((request, response) -> {
			for (int i = 0; i < 3; i++) {
				request.getSession().invalidate();
				request.getSession().setAttribute("name", i);
			}
		});
		client().assertSessionCookieSetOnce(answer);
		assertThat(client().attribute("name")).isEqualTo(2);
	}

	@Test
	default void changedId_keepsTheSession() {
		openSession("name", "value");
		ContractClient old = client().copy();
		client().run((request, response) -> {
			HttpSession session = request.getSession();
			String before = session.getId();
			long created = session.getCreationTime();
			String after = request.changeSessionId();
			assertThat(after).isNotEqualTo(before);
			assertThat(session.getId()).isEqualTo(after);
			assertThat(request.getSession()).isSameAs(session);
			assertThat(session.getCreationTime()).isEqualTo(created);
			assertThat(session.getAttribute("name")).isEqualTo("value");
			assertThat(session.isNew()).isFalse();
		});
		assertThat(client().attribute("name")).isEqualTo("value");
		assertThat(old.hasSession()).isFalse();
	}

	@Test
	default void changeOfTheIdWithoutSession_isRefused() {
		client().run((request, response) -> {
			assertThatIllegalStateException().isThrownBy(request::changeSessionId);
			assertThat(request.getSession(false)).isNull();
		});
	}

	@Test
	default void keptReference_canBeReadAfterItsRequest() {
		AtomicReference<@Nullable HttpSession> kept = new AtomicReference<>();
		client().run((request, response) -> {
			request.getSession().setAttribute("name", "value");
			kept.set(request.getSession());
		});
		assertThat(kept.get().getAttribute("name")).isEqualTo("value");
		client().run((request, response) -> assertThat(kept.get().getAttribute("name")).isEqualTo("value"));
	}

	@Test
	default void keptReference_canBeChangedAfterItsRequest() {
		AtomicReference<@Nullable HttpSession> kept = new AtomicReference<>();
		client().run((request, response) -> {
			request.getSession().setAttribute("name", "value");
			kept.set(request.getSession());
		});
		kept.get().setAttribute("name", "changed");
		assertThat(client().attribute("name")).isEqualTo(changesOutsideARequestAreKept() ? "changed" : "value");
	}

	@Test
	default void keptReference_seesLaterRequests() {
		AtomicReference<@Nullable HttpSession> kept = new AtomicReference<>();
		client().run((request, response) -> {
			request.getSession().setAttribute("name", "value");
			kept.set(request.getSession());
		});
		client().run((request, response) -> request.getSession().setAttribute("name", "later"));
		assertThat(kept.get().getAttribute("name")).isEqualTo(keptReferencesSeeOtherRequests() ? "later" : "value");
	}

	@Test
	default void keptReference_isInvalidAfterALaterRequestHasInvalidatedTheSession() {
		AtomicReference<@Nullable HttpSession> kept = new AtomicReference<>();
		client().run((request, response) -> {
			request.getSession().setAttribute("name", "value");
			kept.set(request.getSession());
		});
		client().run((request, response) -> request.getSession().invalidate());
		assertThat(outcome(() -> kept.get().getAttribute("name")))
			.isEqualTo(keptReferencesSeeOtherRequests() ? "IllegalStateException" : "done");
	}

	@Test
	default void keptReference_endsTheSessionOutsideARequest() {
		AtomicReference<@Nullable HttpSession> kept = new AtomicReference<>();
		client().run((request, response) -> kept.set(request.getSession()));
		kept.get().invalidate();
		assertThat(client().hasSession()).isFalse();
		assertThatIllegalStateException().isThrownBy(kept.get()::invalidate);
	}

	@Test
	default void keptReference_endsTheSessionInAnotherThread() {
		openSession("name", "value");
		client().run((request, response) -> {
			HttpSession session = request.getSession();
			CompletableFuture.runAsync(session::invalidate).get(10, TimeUnit.SECONDS);
			assertThatIllegalStateException().isThrownBy(() -> session.getAttribute("name"));
			assertThat(request.getSession(false)).isNull();
		});
		assertThat(client().hasSession()).isFalse();
	}

	@Test
	default void keptReference_endsTheSessionOfALaterRequest() {
		AtomicReference<@Nullable HttpSession> kept = new AtomicReference<>();
		client().run((request, response) -> kept.set(request.getSession()));
		client().run((request, response) -> kept.get().invalidate());
		assertThat(client().hasSession()).isFalse();
	}

	@Test
	default void sessionThatAnotherRequestInvalidates_doesNotComeBack() throws Exception {
		openSession("name", "value");
		CountDownLatch invalidated = new CountDownLatch(1);
		client().run((request, response) -> {
			HttpSession session = request.getSession();
			client().copy().run((otherRequest, otherResponse) -> otherRequest.getSession().invalidate());
			assertThatCode(() -> session.getAttribute("name"))
				.satisfies((thrown) -> assertThat(thrown instanceof IllegalStateException)
					.isEqualTo(sessionsEndInConcurrentRequests()));
			if (!sessionsEndInConcurrentRequests()) {
				session.setAttribute("name", "late");
			}
			invalidated.countDown();
		});
		assertThat(invalidated.await(10, TimeUnit.SECONDS)).isTrue();
		assertThat(client().hasSession()).isFalse();
	}

	@Test
	default void requestOfALoggedInUserWhoseIdAnotherRequestChanges_keepsItsAttributes() {
		openSession(FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME, "alice");
		assertThat(attributeSetAfterAnotherRequestHasChangedTheId()).isEqualTo("late");
	}

	@Test
	default void anonymousRequestWhoseIdAnotherRequestChanges_keepsItsAttributes() {
		openSession("other", "value");
		assertThat(attributeSetAfterAnotherRequestHasChangedTheId())
			.isEqualTo(idChangesKeepAnonymousRequests() ? "late" : null);
	}

	@Test
	default void requestWhoseIdAnotherRequestChanges_canInvalidateTheSession() {
		openSession("name", "value");
		ContractClient other = client().copy();
		client().run((request, response) -> {
			HttpSession session = request.getSession();
			other.run((otherRequest, otherResponse) -> otherRequest.changeSessionId());
			session.invalidate();
		});
		assertThat(other.hasSession()).isFalse();
	}

	private @Nullable Object attributeSetAfterAnotherRequestHasChangedTheId() {
		ContractClient other = client().copy();
		client().run((request, response) -> {
			HttpSession session = request.getSession();
			assertThat(session.getAttribute("name")).isNull();
			other.run((otherRequest, otherResponse) -> otherRequest.changeSessionId());
			session.setAttribute("name", "late");
		});
		return other.attribute("name");
	}

	@Test
	default void requestThatDoesNotUseTheSession_isAnAccess() {
		openSession("name", "value");
		pause(50);
		long before = System.currentTimeMillis();
		client().run((request, response) -> {
		});
		client().run((request, response) -> assertThat(request.getSession().getLastAccessedTime() >= before)
			.isEqualTo(unusedSessionsAreAccessed()));
	}

	@Test
	default void attributeSetInAnotherThreadDuringTheRequest_isKept() {
		client().run((request, response) -> {
			HttpSession session = request.getSession();
			CompletableFuture.runAsync(() -> session.setAttribute("name", "value")).get(10, TimeUnit.SECONDS);
			assertThat(session.getAttribute("name")).isEqualTo("value");
		});
		assertThat(client().attribute("name")).isEqualTo("value");
	}

	@Test
	default void attributesSetByManyThreads_areAllKept() {
		client().run((request, response) -> {
			HttpSession session = request.getSession();
			List<CompletableFuture<Void>> threads = new ArrayList<>();
			for (int i = 0; i < 8; i++) {
				String name = "name" + i;
				threads.add(CompletableFuture.runAsync(() -> {
					for (int value = 0; value <= 20; value++) {
						session.setAttribute(name, value);
						assertThat(session.getAttribute(name)).isEqualTo(value);
						assertThat(Collections.list(session.getAttributeNames())).contains(name);
					}
				}));
			}
			CompletableFuture.allOf(threads.toArray(CompletableFuture[]::new)).get(10, TimeUnit.SECONDS);
		});
		client().run((request, response) -> {
			for (int i = 0; i < 8; i++) {
				assertThat(request.getSession().getAttribute("name" + i)).isEqualTo(20);
			}
		});
	}

	@Test
	default void sessionRequestedByManyThreads_isOne() {
		client().run((request, response) -> {
			HttpSession session = request.getSession();
			List<CompletableFuture<HttpSession>> threads = new ArrayList<>();
			for (int i = 0; i < 8; i++) {
				threads.add(CompletableFuture.supplyAsync(request::getSession));
			}
			for (CompletableFuture<HttpSession> thread : threads) {
				assertThat(thread.get(10, TimeUnit.SECONDS)).isSameAs(session);
			}
		});
	}

	private static String outcome(Runnable action) {
		try {
			action.run();
			return "done";
		}
		catch (RuntimeException ex) {
			return ex.getClass().getSimpleName();
		}
	}

	/** An object that changes. */
	final class Counter implements Serializable {

		private int value;

	}

	/**
	 * A method of a session, and whether it throws an {@link IllegalStateException} if
	 * the session is invalid, according to its Javadoc.
	 */
	enum SessionMethod {

		GET_CREATION_TIME(true) {
			@Override
			void call(HttpSession session) {
				session.getCreationTime();
			}
		},
		GET_ID(false) {
			@Override
			void call(HttpSession session) {
				session.getId();
			}
		},
		GET_LAST_ACCESSED_TIME(true) {
			@Override
			void call(HttpSession session) {
				session.getLastAccessedTime();
			}
		},
		GET_SERVLET_CONTEXT(false) {
			@Override
			void call(HttpSession session) {
				session.getServletContext();
			}
		},
		SET_MAX_INACTIVE_INTERVAL(false) {
			@Override
			void call(HttpSession session) {
				session.setMaxInactiveInterval(100);
			}
		},
		GET_MAX_INACTIVE_INTERVAL(false) {
			@Override
			void call(HttpSession session) {
				session.getMaxInactiveInterval();
			}
		},
		GET_ATTRIBUTE(true) {
			@Override
			void call(HttpSession session) {
				session.getAttribute("name");
			}
		},
		GET_ATTRIBUTE_NAMES(true) {
			@Override
			void call(HttpSession session) {
				session.getAttributeNames();
			}
		},
		SET_ATTRIBUTE(true) {
			@Override
			void call(HttpSession session) {
				session.setAttribute("name", "value");
			}
		},
		SET_ATTRIBUTE_TO_NULL(true) {
			@Override
			void call(HttpSession session) {
				session.setAttribute("name", null);
			}
		},
		REMOVE_ATTRIBUTE(true) {
			@Override
			void call(HttpSession session) {
				session.removeAttribute("name");
			}
		},
		INVALIDATE(true) {
			@Override
			void call(HttpSession session) {
				session.invalidate();
			}
		},
		IS_NEW(true) {
			@Override
			void call(HttpSession session) {
				session.isNew();
			}
		},
		GET_ACCESSOR(true) {
			@Override
			void call(HttpSession session) {
				session.getAccessor();
			}
		};

		private final boolean refusesInvalidSession;

		SessionMethod(boolean refusesInvalidSession) {
			this.refusesInvalidSession = refusesInvalidSession;
		}

		abstract void call(HttpSession session);

	}

}
