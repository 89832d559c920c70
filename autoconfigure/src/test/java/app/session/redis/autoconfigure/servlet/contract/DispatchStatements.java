package app.session.redis.autoconfigure.servlet.contract;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import app.session.redis.autoconfigure.servlet.contract.Behaviour.Failure;
import app.session.redis.autoconfigure.servlet.contract.ContractClient.Answer;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Sessions in forwards, includes, error pages and asynchronous processing (Servlet 6.1,
 * 2.3.3.3, 9.3, 9.4 and 10.9).
 */
interface DispatchStatements extends SessionContract {

	private static void set(HttpServletRequest request, Object value) {
		request.getSession().setAttribute("name", value);
	}

	private String at(Behaviour behaviour) {
		return server().behaviours().at(behaviour);
	}

	private void assertNewSession(Answer answer, Object value) {
		client().assertSessionCookieSetOnce(answer);
		assertThat(client().attribute("name")).isEqualTo(value);
	}

	@Test
	default void forward_seesTheSession() {
		openSession("name", "value");
		String target = at((request, response) -> {
			assertThat(request.getSession(false).getAttribute("name")).isEqualTo("value");
			assertThat(request.getSession(false).getId()).isEqualTo(request.getAttribute("id"));
			set(request, "forwarded");
		});
		client().run((request, response) -> {
			request.setAttribute("id", request.getSession().getId());
			request.getRequestDispatcher(target).forward(request, response);
		});
		assertThat(client().attribute("name")).isEqualTo("forwarded");
	}

	@Test
	default void forward_createsTheSession() {
		String target = at((request, response) -> set(request, "forwarded"));
		assertNewSession(
				client().run((request, response) -> request.getRequestDispatcher(target).forward(request, response)),
				"forwarded");
	}

	@Test
	default void forward_ofTheContextCreatesTheSession() {
		String target = at((request, response) -> set(request, "forwarded"));
		assertNewSession(client().run((request,
				response) -> request.getServletContext().getRequestDispatcher(target).forward(request, response)),
				"forwarded");
	}

	@Test
	default void forward_createsTheSessionAndWrites() {
		String target = at((request, response) -> {
			set(request, "forwarded");
			response.getWriter().print("x".repeat(20_000));
		});
		assertNewSession(
				client().run((request, response) -> request.getRequestDispatcher(target).forward(request, response)),
				"forwarded");
	}

	@Test
	default void include_seesTheSession() {
		openSession("name", "value");
		String target = at((request, response) -> {
			assertThat(request.getSession(false).getAttribute("name")).isEqualTo("value");
			set(request, "included");
		});
		client().run((request, response) -> {
			request.getRequestDispatcher(target).include(request, response);
			assertThat(request.getSession().getAttribute("name")).isEqualTo("included");
		});
		assertThat(client().attribute("name")).isEqualTo("included");
	}

	@Test
	default void include_createsTheSession() {
		String target = at((request, response) -> set(request, "included"));
		assertNewSession(client().run((request, response) -> {
			response.getWriter().print("before ");
			request.getRequestDispatcher(target).include(request, response);
			response.getWriter().print("after");
		}), "included");
	}

	@Test
	default void include_createsTheSessionAndWritesBeyondTheBuffer() {
		String target = at((request, response) -> {
			set(request, "included");
			response.getWriter().print("x".repeat(100_000));
		});
		assertNewSession(
				client().run((request, response) -> request.getRequestDispatcher(target).include(request, response)),
				"included");
	}

	@Test
	default void include_createsTheSessionAndFlushes() {
		String target = at((request, response) -> {
			set(request, "included");
			response.flushBuffer();
		});
		assertNewSession(
				client().run((request, response) -> request.getRequestDispatcher(target).include(request, response)),
				"included");
	}

	@Test
	default void secondInclude_createsTheSession() {
		String first = at((request, response) -> response.getWriter().print("first"));
		String second = at((request, response) -> set(request, "second"));
		assertNewSession(client().run((request, response) -> {
			request.getRequestDispatcher(first).include(request, response);
			request.getRequestDispatcher(second).include(request, response);
		}), "second");
	}

	@Test
	default void include_changesTheId() {
		openSession("name", "value");
		String target = at((request, response) -> request.changeSessionId());
		client().run((request, response) -> request.getRequestDispatcher(target).include(request, response));
		assertThat(client().hasSession()).isTrue();
	}

	@Test
	default void include_afterTheCommitRefusesASession() {
		String target = at((request, response) -> assertThatIllegalStateException().isThrownBy(request::getSession));
		client().run((request, response) -> {
			response.flushBuffer();
			request.getRequestDispatcher(target).include(request, response);
		});
	}

	@Test
	default void changesAfterAnInclude_areKept() {
		String target = at((request, response) -> response.getWriter().print("included"));
		client().run((request, response) -> {
			request.getSession().setAttribute("before", "1");
			request.getRequestDispatcher(target).include(request, response);
			request.getSession().setAttribute("after", "2");
		});
		assertThat(client().attribute("before")).isEqualTo("1");
		assertThat(client().attribute("after")).isEqualTo("2");
	}

	@Test
	default void sessionCreatedAfterAnInclude_isKept() {
		String target = at((request, response) -> response.getWriter().print("included"));
		assertNewSession(client().run((request, response) -> {
			request.getRequestDispatcher(target).include(request, response);
			set(request, "after");
		}), "after");
	}

	@Test
	default void idChangedAfterAnInclude_reachesTheClient() {
		openSession("name", "value");
		String target = at((request, response) -> response.getWriter().print("included"));
		client().run((request, response) -> {
			request.getRequestDispatcher(target).include(request, response);
			request.changeSessionId();
		});
		assertThat(client().attribute("name")).isEqualTo("value");
	}

	@Test
	default void errorPage_seesTheSessionAndItsChanges() {
		openSession("name", "value");
		server().behaviours().errorPage((request, response) -> {
			assertThat(request.getDispatcherType()).isEqualTo(DispatcherType.ERROR);
			response.getWriter().print(request.getSession(false).getAttribute("name"));
			set(request, "error page");
		});
		Answer answer = client().run((request, response) -> {
			set(request, "before");
			response.sendError(418);
		});
		assertThat(answer.status()).isEqualTo(418);
		assertThat(answer.body()).isEqualTo("before");
		assertThat(client().attribute("name")).isEqualTo("error page");
	}

	@Test
	default void errorPage_seesTheNewSession() {
		server().behaviours()
			.errorPage((request, response) -> response.getWriter()
				.print(request.getSession(false).getAttribute("name") + " " + request.getSession().isNew()));
		Answer answer = client().run((request, response) -> {
			set(request, "before");
			response.sendError(418);
		});
		assertThat(answer.body()).isEqualTo("before true");
		assertNewSession(answer, "before");
	}

	@Test
	default void errorPage_createsTheSession() {
		server().behaviours().errorPage((request, response) -> set(request, "error page"));
		assertNewSession(client().run((request, response) -> response.sendError(418)), "error page");
	}

	@Test
	default void errorPage_createsTheSessionAndWritesBeyondTheBuffer() {
		server().behaviours().errorPage((request, response) -> {
			set(request, "error page");
			response.getWriter().print("x".repeat(100_000));
		});
		Answer answer = client().run((request, response) -> {
			response.getWriter().print("x".repeat(5_000));
			response.sendError(418);
		});
		assertThat(answer.body()).hasSize(100_000);
		assertNewSession(answer, "error page");
	}

	@Test
	default void errorPage_replacesTheSession() {
		openSession("name", "value");
		server().behaviours().errorPage((request, response) -> set(request, "error page"));
		Answer answer = client().run((request, response) -> {
			request.getSession().invalidate();
			response.sendError(418);
		});
		assertNewSession(answer, "error page");
	}

	@Test
	default void errorPage_changesTheId() {
		openSession("name", "value");
		server().behaviours().errorPage((request, response) -> request.changeSessionId());
		Answer answer = client().run((request, response) -> response.sendError(418));
		assertNewSession(answer, "value");
	}

	@Test
	default void errorPage_endsTheSession() {
		openSession("name", "value");
		ContractClient copy = client().copy();
		server().behaviours().errorPage((request, response) -> request.getSession().invalidate());
		client().run((request, response) -> {
			set(request, "before");
			response.sendError(418);
		});
		assertThat(copy.hasSession()).isFalse();
	}

	@Test
	default void errorPageOfAnException_seesTheSessionAndItsChanges() {
		openSession("name", "value");
		server().behaviours().errorPage((request, response) -> {
			response.getWriter().print(request.getSession(false).getAttribute("name"));
			set(request, "error page");
		});
		Answer answer = client().run((request, response) -> {
			set(request, "before");
			throw new Failure();
		});
		assertThat(answer.status()).isEqualTo(500);
		assertThat(answer.body()).isEqualTo("before");
		assertThat(client().attribute("name")).isEqualTo("error page");
	}

	@Test
	default void errorPageOfAnException_seesTheNewSession() {
		server().behaviours()
			.errorPage(
					(request, response) -> response.getWriter().print(request.getSession(false).getAttribute("name")));
		Answer answer = client().run((request, response) -> {
			set(request, "before");
			throw new Failure();
		});
		assertThat(answer.body()).isEqualTo("before");
		assertNewSession(answer, "before");
	}

	@Test
	default void errorPageOfAnException_createsTheSession() {
		server().behaviours().errorPage((request, response) -> set(request, "error page"));
		assertNewSession(client().run((request, response) -> {
			throw new Failure();
		}), "error page");
	}

	@Test
	default void requestThatFailsWithoutErrorPage_keepsTheSession() {
		assertNewSession(client().run((request, response) -> {
			set(request, "before");
			throw new Failure();
		}), "before");
	}

	@Test
	default void requestThatFailsAfterAnIncludeFailed_keepsTheSession() {
		String target = at((request, response) -> {
			set(request, "included");
			throw new Failure();
		});
		assertNewSession(
				client().run((request, response) -> request.getRequestDispatcher(target).include(request, response)),
				"included");
	}

	@Test
	default void asynchronousProcessing_keepsChangesBeforeItsCompletion() {
		openSession("name", "value");
		client().run((request, response) -> {
			HttpSession session = request.getSession();
			AsyncContext context = request.startAsync();
			context.start(() -> {
				session.setAttribute("name", "asynchronous");
				context.complete();
			});
		});
		awaitAttribute("asynchronous");
	}

	@Test
	default void asynchronousContext_isTheSameForTheWholeDispatch() {
		client().run((request, response) -> {
			AsyncContext context = request.startAsync();
			assertThat(request.getAsyncContext()).isSameAs(context).isSameAs(request.getAsyncContext());
			context.complete();
		});
		client().run((request, response) -> {
			AsyncContext context = request.startAsync(request, response);
			assertThat(request.getAsyncContext()).isSameAs(context);
			assertThat(context.getRequest()).isSameAs(request);
			assertThat(context.getResponse()).isSameAs(response);
			context.complete();
		});
	}

	@Test
	default void asynchronousProcessing_createsTheSession() {
		Answer answer = client().run((request, response) -> {
			AsyncContext context = request.startAsync();
			context.start(() -> {
				set(request, "asynchronous");
				context.complete();
			});
		});
		client().assertSessionCookieSetOnce(answer);
		awaitAttribute("asynchronous");
	}

	@Test
	default void asynchronousProcessing_createsTheSessionBeforeItWrites() {
		Answer answer = client().run((request, response) -> {
			AsyncContext context = request.startAsync(request, response);
			context.start(() -> {
				try {
					set(request, "asynchronous");
					context.getResponse().getWriter().print("x".repeat(20_000));
				}
				catch (Exception ex) {
					server().behaviours().fail(ex);
				}
				context.complete();
			});
		});
		assertThat(answer.body()).hasSize(20_000);
		client().assertSessionCookieSetOnce(answer);
		awaitAttribute("asynchronous");
	}

	@Test
	default void asynchronousProcessing_createsTheSessionAfterTheServletHasReturned() {
		CountDownLatch left = new CountDownLatch(1);
		String path = at((request, response) -> {
			AsyncContext context = request.startAsync();
			new Thread(() -> {
				try {
					left.await(10, TimeUnit.SECONDS);
					set(request, "asynchronous");
				}
				catch (Exception ex) {
					server().behaviours().fail(ex);
				}
				context.complete();
			}).start();
		});
		server().behaviours().afterFilters(left::countDown);
		Answer answer = client().get(path);
		client().assertSessionCookieSetOnce(answer);
		awaitAttribute("asynchronous");
	}

	@Test
	default void asynchronousProcessing_hasTheSessionOfTheRequest() {
		openSession("name", "value");
		client().run((request, response) -> {
			AsyncContext context = request.startAsync(request, response);
			HttpSession session = ((HttpServletRequest) context.getRequest()).getSession(false);
			assertThat(session.getAttribute("name")).isEqualTo("value");
			context.complete();
		});
	}

	@Test
	default void asynchronousProcessingOfTheUnwrappedRequest_hasTheSession() {
		openSession("name", "value");
		client().run((request, response) -> {
			AsyncContext context = request.startAsync();
			assertThat(((HttpServletRequest) context.getRequest()).getSession(false) != null)
				.isEqualTo(unwrappedRequestsHaveTheSameSession());
			context.complete();
		});
	}

	@Test
	default void asynchronousProcessing_endsTheSession() {
		openSession("name", "value");
		ContractClient copy = client().copy();
		client().run((request, response) -> {
			HttpSession session = request.getSession();
			AsyncContext context = request.startAsync();
			context.start(() -> {
				session.invalidate();
				context.complete();
			});
		});
		assertThat(copy.hasSession()).isFalse();
	}

	@Test
	default void asynchronousProcessing_changesTheId() {
		openSession("name", "value");
		Answer answer = client().run((request, response) -> {
			request.getSession();
			AsyncContext context = request.startAsync();
			context.start(() -> {
				request.changeSessionId();
				context.complete();
			});
		});
		client().assertSessionCookieSetOnce(answer);
		awaitAttribute("value");
	}

	@Test
	default void asynchronousDispatch_seesTheSessionAndItsChanges() {
		openSession("name", "value");
		String target = at((request, response) -> {
			assertThat(request.getDispatcherType()).isEqualTo(DispatcherType.ASYNC);
			response.getWriter().print(request.getSession(false).getAttribute("name"));
			set(request, "dispatched");
		});
		Answer answer = client().run((request, response) -> {
			set(request, "before");
			request.startAsync().dispatch(target);
		});
		assertThat(answer.body()).isEqualTo("before");
		assertThat(client().attribute("name")).isEqualTo("dispatched");
	}

	@Test
	default void asynchronousDispatch_seesTheNewSession() {
		String target = at((request, response) -> response.getWriter()
			.print(request.getSession(false).getAttribute("name") + " " + request.getSession().isNew()));
		Answer answer = client().run((request, response) -> {
			set(request, "before");
			request.startAsync().dispatch(target);
		});
		assertThat(answer.body()).isEqualTo("before true");
		assertNewSession(answer, "before");
	}

	@Test
	default void asynchronousDispatch_createsTheSession() {
		String target = at((request, response) -> set(request, "dispatched"));
		assertNewSession(client().run((request, response) -> request.startAsync().dispatch(target)), "dispatched");
	}

	@Test
	default void secondAsynchronousDispatch_seesTheChangesOfTheFirst() {
		openSession("name", "value");
		String second = at((request, response) -> {
			response.getWriter().print(request.getSession(false).getAttribute("name"));
			set(request, "second");
		});
		String first = at((request, response) -> {
			set(request, "first");
			request.startAsync().dispatch(second);
		});
		Answer answer = client().run((request, response) -> request.startAsync().dispatch(first));
		assertThat(answer.body()).isEqualTo("first");
		assertThat(client().attribute("name")).isEqualTo("second");
	}

	@Test
	default void asynchronousDispatchThatSendsAnError_showsTheErrorPageWithTheSession() {
		openSession("name", "value");
		server().behaviours()
			.errorPage(
					(request, response) -> response.getWriter().print(request.getSession(false).getAttribute("name")));
		String target = at((request, response) -> {
			set(request, "dispatched");
			response.sendError(418);
		});
		Answer answer = client().run((request, response) -> request.startAsync().dispatch(target));
		assertThat(answer.status()).isEqualTo(418);
		assertThat(answer.body()).isEqualTo("dispatched");
		assertThat(client().attribute("name")).isEqualTo("dispatched");
	}

	@Test
	default void asynchronousProcessingThatCompletesAtOnce_createsTheSession() {
		assertNewSession(client().run((request, response) -> {
			AsyncContext context = request.startAsync();
			set(request, "asynchronous");
			context.complete();
		}), "asynchronous");
	}

	@Test
	default void asynchronousTimeout_keepsTheSession() {
		openSession("name", "value");
		client().run((request, response) -> {
			HttpSession session = request.getSession();
			AsyncContext context = request.startAsync();
			context.setTimeout(100);
			context.addListener(new TimeoutListener(session));
		});
		awaitAttribute("timed out");
	}

	@Test
	default void sessionOfAnEarlierFilter_isThatOfTheServlet() {
		server().behaviours().early((request, response) -> request.getSession().setAttribute("early", "x"));
		client().run((request, response) -> assertThat(request.getSession().getAttribute("early") != null)
			.isEqualTo(unwrappedRequestsHaveTheSameSession()));
		client().run((request, response) -> assertThat(request.getSession().getAttribute("early") != null)
			.isEqualTo(unwrappedRequestsHaveTheSameSession()));
	}

	/** Waits for a change that may be saved while the response arrives. */
	private void awaitAttribute(Object value) {
		await(() -> value.equals(client().copy().attribute("name")), "the attribute is " + value);
	}

	/** Completes asynchronous processing that timed out. */
	final class TimeoutListener implements AsyncListener {

		private final HttpSession session;

		TimeoutListener(HttpSession session) {
			this.session = session;
		}

		@Override
		public void onTimeout(AsyncEvent event) {
			this.session.setAttribute("name", "timed out");
			event.getAsyncContext().complete();
		}

		@Override
		public void onComplete(AsyncEvent event) {
		}

		@Override
		public void onError(AsyncEvent event) {
		}

		@Override
		public void onStartAsync(AsyncEvent event) {
		}

	}

}
