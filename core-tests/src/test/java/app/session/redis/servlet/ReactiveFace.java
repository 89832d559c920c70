package app.session.redis.servlet;

import java.lang.reflect.InvocationTargetException;
import java.time.Duration;

import app.session.redis.client.Stages;
import app.session.redis.engine.SessionEngine;
import app.session.redis.reactive.InScope;
import app.session.redis.reactive.ReactiveAtomicRedisSessionRepository;
import app.session.redis.session.StoredSession;
import org.jspecify.annotations.Nullable;
import org.mockito.Mockito;
import org.mockito.invocation.InvocationOnMock;
import reactor.core.publisher.Mono;

/**
 * A view of the reactive repository with the methods of the servlet repository, which
 * wait for its publishers. Methods that the reactive repository doesn't have are those of
 * the servlet repository on the same engine.
 */
final class ReactiveFace {

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private final ReactiveAtomicRedisSessionRepository reactive;

	private final AtomicRedisSessionRepository servlet;

	private ReactiveFace(ReactiveAtomicRedisSessionRepository reactive, AtomicRedisSessionRepository servlet) {
		this.reactive = reactive;
		this.servlet = servlet;
	}

	static AtomicRedisSessionRepository of(SessionEngine engine, AtomicRedisSessionRepository servlet) {
		ReactiveFace face = new ReactiveFace(new ReactiveAtomicRedisSessionRepository(engine), servlet);
		return Mockito.mock(AtomicRedisSessionRepository.class,
				Mockito.withSettings().stubOnly().defaultAnswer(face::call));
	}

	private @Nullable Object call(InvocationOnMock invocation) {
		Object[] arguments = invocation.getArguments();
		return switch (invocation.getMethod().getName()) {
			case "createSession" -> await(this.reactive.createSession());
			case "save" ->
				(arguments.length == 1) ? await(this.reactive.save((StoredSession) arguments[0])) : servlet(invocation);
			case "findById" ->
				(arguments[0] != null) ? await(this.reactive.findById((String) arguments[0])) : servlet(invocation);
			case "deleteById" ->
				(arguments[0] != null) ? await(this.reactive.deleteById((String) arguments[0])) : servlet(invocation);
			case "findByIndexNameAndIndexValue" -> (arguments[0] != null && arguments[1] != null)
					? await(this.reactive.findByIndexNameAndIndexValue((String) arguments[0], (String) arguments[1]))
					: servlet(invocation);
			case "findByPrincipalName" -> (arguments[0] != null)
					? await(this.reactive.findByPrincipalName((String) arguments[0])) : servlet(invocation);
			case "deleteByIndexNameAndIndexValue" -> (arguments[0] != null && arguments[1] != null)
					? await(this.reactive.deleteByIndexNameAndIndexValue((String) arguments[0], (String) arguments[1]))
					: servlet(invocation);
			default -> servlet(invocation);
		};
	}

	private <T> @Nullable T await(Mono<T> publisher) {
		return InScope.of(RequestBinding.currentScope(), publisher).block(TIMEOUT);
	}

	private @Nullable Object servlet(InvocationOnMock invocation) {
		try {
			invocation.getMethod().setAccessible(true);
			return invocation.getMethod().invoke(this.servlet, invocation.getArguments());
		}
		catch (InvocationTargetException ex) {
			throw Stages.unchecked(ex.getTargetException());
		}
		catch (IllegalAccessException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
