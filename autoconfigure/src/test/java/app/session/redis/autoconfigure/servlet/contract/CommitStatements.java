package app.session.redis.autoconfigure.servlet.contract;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import app.session.redis.autoconfigure.servlet.contract.ContractClient.Answer;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Every operation that commits the response writes the cookie first (Servlet 6.1, 5.3,
 * 7.1.1 and the Javadoc of {@code HttpServletResponse} and
 * {@code HttpServletRequest.getSession}).
 */
interface CommitStatements extends SessionContract {

	@ParameterizedTest
	@EnumSource
	default void cookieOfANewSession_isSetOnceAndFoundByTheNextRequest(Commit commit) {
		Answer answer = client().run((request, response) -> {
			request.getSession().setAttribute("name", "value");
			commit.commit(response);
		});
		client().assertSessionCookieSetOnce(answer);
		assertThat(client().attribute("name")).isEqualTo("value");
	}

	@ParameterizedTest
	@EnumSource
	default void changesBeforeTheCommit_areFoundByTheNextRequest(Commit commit) {
		openSession("name", "old");
		Answer answer = client().run((request, response) -> {
			request.getSession().setAttribute("name", "new");
			commit.commit(response);
		});
		client().assertNoSessionCookieSet(answer);
		assertThat(client().attribute("name")).isEqualTo("new");
	}

	@ParameterizedTest
	@EnumSource
	default void changesAfterTheCommit_areFoundOnceTheRequestHasEnded(Commit commit) {
		client().run((request, response) -> {
			HttpSession session = request.getSession();
			commit.commit(response);
			session.setAttribute("name", "late");
			session.setMaxInactiveInterval(777);
		});
		assertThat(client().attribute("name")).isEqualTo("late");
		assertThat(client().<Integer>ask((request, response) -> request.getSession().getMaxInactiveInterval()))
			.isEqualTo(777);
	}

	@ParameterizedTest
	@EnumSource
	default void changedId_isSetOnceAndFoundByTheNextRequest(Commit commit) {
		openSession("name", "value");
		String before = client().cookie();
		Answer answer = client().run((request, response) -> {
			request.changeSessionId();
			commit.commit(response);
		});
		client().assertSessionCookieSetOnce(answer);
		assertThat(client().cookie()).isNotEqualTo(before);
		assertThat(client().attribute("name")).isEqualTo("value");
	}

	@ParameterizedTest
	@EnumSource
	default void invalidationAfterTheCommit_endsTheSession(Commit commit) {
		openSession("name", "value");
		ContractClient copy = client().copy();
		client().run((request, response) -> {
			HttpSession session = request.getSession();
			commit.commit(response);
			session.invalidate();
		});
		assertThat(copy.hasSession()).isFalse();
	}

	@ParameterizedTest
	@EnumSource(names = { "FLUSH_BUFFER", "WRITER_FLUSH", "WRITER_CHECK_ERROR", "WRITER_CLOSE", "STREAM_FLUSH",
			"STREAM_CLOSE", "CONTENT_BEYOND_THE_BUFFER", "CONTENT_BEYOND_A_LARGER_BUFFER" })
	default void clientThatReceivesTheHeaders_findsTheNewSessionWhileTheRequestContinues(Commit commit)
			throws Exception {
		whileCommitted(commit, () -> assertThat(client().attribute("name")).isEqualTo("value"));
	}

	@ParameterizedTest
	@EnumSource(names = { "FLUSH_BUFFER", "WRITER_FLUSH", "WRITER_CHECK_ERROR", "WRITER_CLOSE", "STREAM_FLUSH",
			"STREAM_CLOSE", "CONTENT_BEYOND_THE_BUFFER", "CONTENT_BEYOND_A_LARGER_BUFFER" })
	default void clientThatReceivesTheHeaders_findsTheChangesWhileTheRequestContinues(Commit commit) throws Exception {
		openSession("name", "old");
		whileCommitted(commit, () -> assertThat(client().attribute("name")).isEqualTo("value"));
	}

	private void whileCommitted(Commit commit, Runnable check) throws IOException, InterruptedException {
		CountDownLatch checked = new CountDownLatch(1);
		try (InputStream body = client().open((request, response) -> {
			request.getSession().setAttribute("name", "value");
			commit.commit(response);
			checked.await(10, TimeUnit.SECONDS);
		})) {
			try {
				check.run();
			}
			finally {
				checked.countDown();
			}
			body.readAllBytes();
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "NOTHING", "STATUS_NO_CONTENT", "STATUS_NOT_MODIFIED", "CONTENT_THAT_FITS", "RESET_BUFFER" })
	default void whatDoesNotCommit_letsASessionBeCreatedLater(Commit commit) {
		Answer answer = client().run((request, response) -> {
			commit.commit(response);
			assertThat(response.isCommitted()).isFalse();
			request.getSession().setAttribute("name", "value");
		});
		client().assertSessionCookieSetOnce(answer);
		assertThat(client().attribute("name")).isEqualTo("value");
	}

	@ParameterizedTest
	@EnumSource(names = { "FLUSH_BUFFER", "WRITER_FLUSH", "WRITER_CHECK_ERROR", "WRITER_CLOSE", "STREAM_FLUSH",
			"STREAM_CLOSE", "CONTENT_BEYOND_THE_BUFFER", "SEND_REDIRECT" })
	default void sessionAfterTheCommit_isRefused(Commit commit) {
		Answer answer = client().run((request, response) -> {
			commit.commit(response);
			assertThatIllegalStateException().isThrownBy(request::getSession);
			assertThatIllegalStateException().isThrownBy(() -> request.getSession(true));
			assertThat(request.getSession(false)).isNull();
		});
		client().assertNoSessionCookieSet(answer);
	}

	@Test
	default void sessionAfterSendError_isRefused() {
		client().run((request, response) -> {
			response.sendError(HttpServletResponse.SC_CONFLICT);
			if (sessionAfterSendErrorIsRefused()) {
				assertThatIllegalStateException().isThrownBy(request::getSession);
				assertThat(request.getSession(false)).isNull();
			}
			else {
				assertThat(request.getSession()).isNotNull();
			}
		});
		assertThat(client().hasSession()).isEqualTo(!sessionAfterSendErrorIsRefused());
	}

	@Test
	default void existingSessionAfterTheCommit_isReturned() {
		openSession("name", "value");
		client().run((request, response) -> {
			response.flushBuffer();
			assertThat(request.getSession().getAttribute("name")).isEqualTo("value");
			assertThat(request.getSession(true).getAttribute("name")).isEqualTo("value");
		});
	}

	@Test
	default void changeOfTheIdAfterTheCommit_isRefused() {
		openSession("name", "value");
		client().run((request, response) -> {
			response.flushBuffer();
			if (idChangeAfterTheCommitIsRefused()) {
				assertThatIllegalStateException().isThrownBy(request::changeSessionId);
			}
			else {
				request.changeSessionId();
			}
		});
		assertThat(client().hasSession()).isEqualTo(idChangeAfterTheCommitIsRefused());
	}

	@Test
	default void cookie_isNotSetForARequestThatUsesNoSession() {
		client().assertNoSessionCookieSet(client().run((request, response) -> response.getWriter().print("x")));
		client().assertNoSessionCookieSet(client().run((request, response) -> request.getSession(false)));
	}

	@Test
	default void cookie_isNotSetForAnExistingSession() {
		openSession("name", "value");
		client().assertNoSessionCookieSet(client().run((request, response) -> request.getSession()));
	}

	@Test
	default void cookie_isSetOnceForASessionWhoseIdChangesInItsFirstRequest() {
		Answer answer = client().run((request, response) -> {
			request.getSession().setAttribute("name", "value");
			request.changeSessionId();
			response.getWriter().print("x");
		});
		client().assertSessionCookieSetOnce(answer);
		assertThat(client().attribute("name")).isEqualTo("value");
	}

	@Test
	default void cookie_isSetOnceForTwoChangesOfTheId() {
		openSession("name", "value");
		Answer answer = client().run((request, response) -> {
			request.changeSessionId();
			request.changeSessionId();
		});
		client().assertSessionCookieSetOnce(answer);
		assertThat(client().attribute("name")).isEqualTo("value");
	}

	@Test
	default void cookie_isForTheWholeContext() {
		Answer answer = client().run((request, response) -> request.getSession());
		assertThat(client().sessionCookies(answer)).singleElement().asString().containsIgnoringCase("; Path=/");
		assertThat(client().sessionCookies(answer).get(0).contains("; HttpOnly")).isEqualTo(cookieIsHttpOnly());
	}

	@Test
	default void otherCookies_areKept() {
		Answer answer = client().run((request, response) -> {
			response.addHeader("Set-Cookie", "other=1");
			request.getSession();
			response.addHeader("Set-Cookie", "another=2");
			request.changeSessionId();
		});
		client().assertSessionCookieSetOnce(answer);
		assertThat(answer.setCookies()).contains("other=1", "another=2");
	}

	@Test
	default void resetBuffer_keepsTheCookie() {
		Answer answer = client().run((request, response) -> {
			request.getSession().setAttribute("name", "value");
			response.getWriter().print("dropped");
			response.resetBuffer();
			response.getWriter().print("kept");
		});
		assertThat(answer.body()).isEqualTo("kept");
		client().assertSessionCookieSetOnce(answer);
		assertThat(client().attribute("name")).isEqualTo("value");
	}

	@Test
	default void reset_keepsTheCookieOfANewSession() {
		Answer answer = client().run((request, response) -> {
			request.getSession().setAttribute("name", "value");
			response.addHeader("dropped", "x");
			response.reset();
			response.getWriter().print("kept");
		});
		assertThat(answer.body()).isEqualTo("kept");
		assertThat(client().sessionCookies(answer)).hasSize(cookiesAfterAReset());
		assertThat(client().attribute("name")).isEqualTo((cookiesAfterAReset() > 0) ? "value" : null);
	}

	@Test
	default void reset_keepsTheCookieOfAChangedId() {
		openSession("name", "value");
		Answer answer = client().run((request, response) -> {
			request.changeSessionId();
			response.reset();
		});
		if (resetDropsTheCookieOfAChangedId()) {
			client().assertNoSessionCookieSet(answer);
		}
		else {
			client().assertSessionCookieSetOnce(answer);
			assertThat(client().attribute("name")).isEqualTo("value");
		}
	}

	@Test
	default void reset_keepsWhatTheSessionContains() {
		openSession("name", "old");
		client().run((request, response) -> {
			request.getSession().setAttribute("name", "new");
			response.getWriter().print("dropped");
			response.reset();
		});
		assertThat(client().attribute("name")).isEqualTo("new");
	}

	@Test
	default void contentLengthThatIsReset_doesNotCommit() {
		Answer answer = client().run((request, response) -> {
			response.setContentLength(10);
			response.reset();
			response.getWriter().print("01234567890123456789");
			assertThat(response.isCommitted()).isFalse();
			request.getSession().setAttribute("name", "value");
		});
		assertThat(answer.body()).hasSize(20);
		client().assertSessionCookieSetOnce(answer);
		assertThat(client().attribute("name")).isEqualTo("value");
	}

	@Test
	default void contentThatIsReset_doesNotCountTowardsTheBuffer() {
		Answer answer = client().run((request, response) -> {
			for (int i = 0; i < 5; i++) {
				response.getWriter().print("x".repeat(response.getBufferSize() - 100));
				response.resetBuffer();
			}
			assertThat(response.isCommitted()).isFalse();
			request.getSession().setAttribute("name", "value");
			response.getWriter().print("kept");
			request.getSession().setAttribute("name", "later");
		});
		assertThat(answer.body()).isEqualTo("kept");
		client().assertSessionCookieSetOnce(answer);
		assertThat(client().attribute("name")).isEqualTo("later");
	}

	@Test
	default void writer_isTheSameObjectDuringARequest() {
		client().run((request, response) -> {
			assertThat(response.getWriter()).isSameAs(response.getWriter());
			assertThatIllegalStateException().isThrownBy(response::getOutputStream);
			response.resetBuffer();
			assertThatIllegalStateException().isThrownBy(response::getOutputStream);
			response.reset();
			assertThat(response.getOutputStream()).isSameAs(response.getOutputStream());
			assertThatIllegalStateException().isThrownBy(response::getWriter);
		});
	}

	@Test
	default void interimResponse_doesNotCommit() {
		Answer answer = client().postAfterContinue("body", (request, response) -> {
			assertThat(request.getInputStream().readAllBytes()).hasSize(4);
			request.getSession().setAttribute("name", "value");
		});
		assertThat(answer.status()).isEqualTo(200);
		client().assertSessionCookieSetOnce(answer);
		assertThat(client().attribute("name")).isEqualTo("value");
	}

	@Test
	default void requestForTheHeadersOnly_createsTheSession() {
		Answer answer = client().head((request, response) -> {
			request.getSession().setAttribute("name", "value");
			response.getWriter().print("x".repeat(20_000));
		});
		assertThat(answer.body()).isEmpty();
		client().assertSessionCookieSetOnce(answer);
		assertThat(client().attribute("name")).isEqualTo("value");
	}

	@Test
	default void requestForTheOptions_createsTheSession() {
		Answer answer = client().options((request, response) -> {
			request.getSession().setAttribute("name", "value");
			response.setHeader("Allow", "GET");
		});
		client().assertSessionCookieSetOnce(answer);
		assertThat(client().attribute("name")).isEqualTo("value");
	}

	@Test
	default void requestWithAMultipartBody_createsTheSession() {
		String body = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\ncontent\r\n--b--\r\n";
		Answer answer = client().post("multipart/form-data; boundary=b", body, (request, response) -> {
			request.getSession()
				.setAttribute("name",
						new String(request.getPart("file").getInputStream().readAllBytes(), StandardCharsets.UTF_8));
		});
		client().assertSessionCookieSetOnce(answer);
		assertThat(client().attribute("name")).isEqualTo("content");
	}

	/**
	 * An operation on a response.
	 */
	enum Commit {

		NOTHING {
			@Override
			void commit(HttpServletResponse response) {
			}
		},
		STATUS_NO_CONTENT {
			@Override
			void commit(HttpServletResponse response) {
				response.setStatus(HttpServletResponse.SC_NO_CONTENT);
			}
		},
		STATUS_NOT_MODIFIED {
			@Override
			void commit(HttpServletResponse response) {
				response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
			}
		},
		CONTENT_THAT_FITS {
			@Override
			void commit(HttpServletResponse response) throws IOException {
				response.getWriter().print("x".repeat(response.getBufferSize() / 2));
			}
		},
		CONTENT_BEYOND_THE_BUFFER {
			@Override
			void commit(HttpServletResponse response) throws IOException {
				response.getWriter().print("x".repeat(100_000));
			}
		},
		CONTENT_BEYOND_A_LARGER_BUFFER {
			@Override
			void commit(HttpServletResponse response) throws IOException {
				response.setBufferSize(50_000);
				response.getOutputStream().write(new byte[150_000]);
			}
		},
		SEND_REDIRECT {
			@Override
			void commit(HttpServletResponse response) throws IOException {
				response.sendRedirect("/elsewhere");
			}
		},
		SEND_REDIRECT_WITH_STATUS {
			@Override
			void commit(HttpServletResponse response) throws IOException {
				response.sendRedirect("/elsewhere", HttpServletResponse.SC_SEE_OTHER);
			}
		},
		SEND_REDIRECT_WITH_CONTENT {
			@Override
			void commit(HttpServletResponse response) throws IOException {
				response.getWriter().print("content");
				response.sendRedirect("/elsewhere", false);
			}
		},
		SEND_REDIRECT_WITHOUT_CONTENT {
			@Override
			void commit(HttpServletResponse response) throws IOException {
				response.getWriter().print("content");
				response.sendRedirect("/elsewhere", true);
			}
		},
		SEND_REDIRECT_WITH_STATUS_AND_CONTENT {
			@Override
			void commit(HttpServletResponse response) throws IOException {
				response.getWriter().print("content");
				response.sendRedirect("/elsewhere", HttpServletResponse.SC_TEMPORARY_REDIRECT, false);
			}
		},
		SEND_REDIRECT_WITH_STATUS_AND_WITHOUT_CONTENT {
			@Override
			void commit(HttpServletResponse response) throws IOException {
				response.sendRedirect("/elsewhere", HttpServletResponse.SC_TEMPORARY_REDIRECT, true);
			}
		},
		SEND_ERROR {
			@Override
			void commit(HttpServletResponse response) throws IOException {
				response.sendError(HttpServletResponse.SC_CONFLICT);
			}
		},
		SEND_ERROR_WITH_MESSAGE {
			@Override
			void commit(HttpServletResponse response) throws IOException {
				response.sendError(HttpServletResponse.SC_CONFLICT, "message");
			}
		},
		FLUSH_BUFFER {
			@Override
			void commit(HttpServletResponse response) throws IOException {
				response.flushBuffer();
			}
		},
		FLUSH_BUFFER_WITH_CONTENT {
			@Override
			void commit(HttpServletResponse response) throws IOException {
				response.getWriter().print("content");
				response.flushBuffer();
			}
		},
		WRITER_FLUSH {
			@Override
			void commit(HttpServletResponse response) throws IOException {
				response.getWriter().flush();
			}
		},
		WRITER_CHECK_ERROR {
			@Override
			void commit(HttpServletResponse response) throws IOException {
				response.getWriter().print("content");
				response.getWriter().checkError();
			}
		},
		WRITER_CLOSE {
			@Override
			void commit(HttpServletResponse response) throws IOException {
				response.getWriter().close();
			}
		},
		STREAM_FLUSH {
			@Override
			void commit(HttpServletResponse response) throws IOException {
				response.getOutputStream().flush();
			}
		},
		STREAM_CLOSE {
			@Override
			void commit(HttpServletResponse response) throws IOException {
				response.getOutputStream().close();
			}
		},
		CONTENT_LENGTH_REACHED {
			@Override
			void commit(HttpServletResponse response) throws IOException {
				response.setContentLength(10);
				response.getWriter().print("0123456789");
			}
		},
		CONTENT_LENGTH_REACHED_IN_BYTES {
			@Override
			void commit(HttpServletResponse response) throws IOException {
				response.setCharacterEncoding("UTF-8");
				response.setContentLengthLong(9);
				response.getWriter().print("\u20ac\u20ac\u20ac");
			}
		},
		CONTENT_LENGTH_REACHED_IN_STEPS {
			@Override
			void commit(HttpServletResponse response) throws IOException {
				response.setContentLengthLong(10);
				for (int i = 0; i < 10; i++) {
					response.getOutputStream().write('x');
				}
			}
		},
		CONTENT_LENGTH_REACHED_BY_HEADER {
			@Override
			void commit(HttpServletResponse response) throws IOException {
				response.setHeader("Content-Length", "10");
				response.getOutputStream().print("0123456789");
			}
		},
		CONTENT_LENGTH_REACHED_BY_NUMERIC_HEADER {
			@Override
			void commit(HttpServletResponse response) throws IOException {
				response.setIntHeader("Content-Length", 10);
				response.getOutputStream().write(new byte[10], 0, 10);
			}
		},
		CONTENT_LENGTH_SET_AFTER_THE_CONTENT {
			@Override
			void commit(HttpServletResponse response) throws IOException {
				response.getOutputStream().print("0123456789");
				response.setContentLength(10);
			}
		},
		CONTENT_LENGTH_ZERO {
			@Override
			void commit(HttpServletResponse response) {
				response.setContentLength(0);
			}
		},
		RESET_BUFFER {
			@Override
			void commit(HttpServletResponse response) throws IOException {
				response.getWriter().print("dropped");
				response.resetBuffer();
			}
		},
		RESET_BUFFER_THEN_FLUSH {
			@Override
			void commit(HttpServletResponse response) throws IOException {
				response.getWriter().print("x".repeat(response.getBufferSize() - 10));
				response.resetBuffer();
				response.getWriter().print("kept");
				response.flushBuffer();
			}
		},
		RESET_BUFFER_THEN_CONTENT_BEYOND_THE_BUFFER {
			@Override
			void commit(HttpServletResponse response) throws IOException {
				response.getWriter().print("dropped");
				response.resetBuffer();
				response.getWriter().print("x".repeat(100_000));
			}
		};

		abstract void commit(HttpServletResponse response) throws IOException;

	}

}
