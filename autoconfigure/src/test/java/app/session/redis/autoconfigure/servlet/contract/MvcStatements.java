package app.session.redis.autoconfigure.servlet.contract;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

import app.session.redis.autoconfigure.servlet.contract.Behaviour.Question;
import app.session.redis.autoconfigure.servlet.contract.ContractClient.Answer;
import jakarta.servlet.http.HttpSession;
import org.junit.jupiter.api.Test;

import org.springframework.http.MediaType;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Sessions in the kinds of handlers that Spring MVC has.
 */
interface MvcStatements extends SessionContract {

	private Answer call(Question<Object> handler) {
		return client().get(server().mvc().at(handler));
	}

	private void assertNewSession(Answer answer, Object value) {
		client().assertSessionCookieSetOnce(answer);
		await(() -> value.equals(client().copy().attribute("name")), "the attribute is " + value);
	}

	@Test
	default void handler_createsTheSession() {
		Answer answer = call((request, response) -> {
			request.getSession().setAttribute("name", "value");
			return "body";
		});
		assertThat(answer.body()).isEqualTo("body");
		assertNewSession(answer, "value");
	}

	@Test
	default void handlerWithoutBody_createsTheSession() {
		assertNewSession(call((request, response) -> {
			request.getSession().setAttribute("name", "value");
			return null;
		}), "value");
	}

	@Test
	default void callable_createsTheSession() {
		Answer answer = call((request, response) -> (Callable<String>) () -> {
			request.getSession().setAttribute("name", "value");
			return "body";
		});
		assertThat(answer.body()).isEqualTo("body");
		assertNewSession(answer, "value");
	}

	@Test
	default void callable_changesTheSession() {
		openSession("name", "value");
		Answer answer = call((request, response) -> {
			HttpSession session = request.getSession();
			return (Callable<String>) () -> {
				session.setAttribute("name", "changed");
				return "body";
			};
		});
		client().assertNoSessionCookieSet(answer);
		assertThat(client().attribute("name")).isEqualTo("changed");
	}

	@Test
	default void callable_endsTheSession() {
		openSession("name", "value");
		ContractClient copy = client().copy();
		call((request, response) -> {
			HttpSession session = request.getSession();
			return (Callable<String>) () -> {
				session.invalidate();
				return "body";
			};
		});
		assertThat(copy.hasSession()).isFalse();
	}

	@Test
	default void deferredResult_createsTheSession() {
		Answer answer = call((request, response) -> {
			DeferredResult<String> result = new DeferredResult<>();
			CompletableFuture.runAsync(() -> {
				request.getSession().setAttribute("name", "value");
				result.setResult("body");
			});
			return result;
		});
		assertThat(answer.body()).isEqualTo("body");
		assertNewSession(answer, "value");
	}

	@Test
	default void deferredResult_changesTheSession() {
		openSession("name", "value");
		call((request, response) -> {
			HttpSession session = request.getSession();
			DeferredResult<String> result = new DeferredResult<>();
			CompletableFuture.runAsync(() -> {
				session.setAttribute("name", "changed");
				result.setResult("body");
			});
			return result;
		});
		assertThat(client().attribute("name")).isEqualTo("changed");
	}

	@Test
	default void futureResult_createsTheSession() {
		assertNewSession(call((request, response) -> CompletableFuture.supplyAsync(() -> {
			request.getSession().setAttribute("name", "value");
			return "body";
		})), "value");
	}

	@Test
	default void streamingBody_createsTheSessionBeforeItWrites() {
		Answer answer = call((request, response) -> (StreamingResponseBody) (stream) -> {
			request.getSession().setAttribute("name", "value");
			stream.write(ContractClient.bytes("x".repeat(20_000)));
		});
		assertThat(answer.body()).hasSize(20_000);
		assertNewSession(answer, "value");
	}

	@Test
	default void streamingBody_isRefusedASessionAfterItHasFlushed() {
		Answer answer = call((request, response) -> (StreamingResponseBody) (stream) -> {
			stream.write(ContractClient.bytes("body"));
			response.flushBuffer();
			try {
				assertThatIllegalStateException().isThrownBy(request::getSession);
			}
			catch (AssertionError ex) {
				server().behaviours().fail(ex);
			}
		});
		assertThat(answer.body()).isEqualTo("body");
		client().assertNoSessionCookieSet(answer);
	}

	@Test
	default void streamingBody_changesTheSessionAfterItHasFlushed() {
		Answer answer = call((request, response) -> {
			HttpSession session = request.getSession();
			return (StreamingResponseBody) (stream) -> {
				stream.write(ContractClient.bytes("body"));
				response.flushBuffer();
				session.setAttribute("name", "streamed");
			};
		});
		assertNewSession(answer, "streamed");
	}

	@Test
	default void eventStream_createsTheSessionBeforeItsFirstEvent() {
		Answer answer = call((request, response) -> {
			request.getSession().setAttribute("name", "value");
			SseEmitter emitter = new SseEmitter();
			CompletableFuture.runAsync(() -> {
				try {
					emitter.send("event", MediaType.TEXT_PLAIN);
					emitter.complete();
				}
				catch (Exception ex) {
					emitter.completeWithError(ex);
				}
			});
			return emitter;
		});
		assertThat(answer.body()).contains("data:event");
		assertNewSession(answer, "value");
	}

	@Test
	default void eventStream_changesTheSessionBetweenEvents() {
		Answer answer = call((request, response) -> {
			HttpSession session = request.getSession();
			SseEmitter emitter = new SseEmitter();
			CompletableFuture.runAsync(() -> {
				try {
					emitter.send("first", MediaType.TEXT_PLAIN);
					session.setAttribute("name", "streamed");
					emitter.send("second", MediaType.TEXT_PLAIN);
					emitter.complete();
				}
				catch (Exception ex) {
					emitter.completeWithError(ex);
				}
			});
			return emitter;
		});
		assertThat(answer.body()).contains("data:first", "data:second");
		assertNewSession(answer, "streamed");
	}

}
