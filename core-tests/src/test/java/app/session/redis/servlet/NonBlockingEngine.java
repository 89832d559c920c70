package app.session.redis.servlet;

import java.lang.reflect.InvocationTargetException;

import app.session.redis.client.NonBlockingThread;
import app.session.redis.client.Stages;
import app.session.redis.engine.EngineParts;
import app.session.redis.engine.SessionEngine;
import org.jspecify.annotations.Nullable;
import org.mockito.Mockito;
import org.mockito.invocation.InvocationOnMock;
import org.mockito.stubbing.Answer;

/**
 * A view of an engine for the servlet face: each use case starts on a thread that must
 * not be blocked, while the face waits elsewhere for the stage that it returns. The use
 * cases are the engine's own.
 */
final class NonBlockingEngine {

	private final NonBlockingThread thread;

	private NonBlockingEngine(NonBlockingThread thread) {
		this.thread = thread;
	}

	/** The view of an engine whose caller continues on the thread. */
	static SessionEngine of(SessionEngine engine, NonBlockingThread thread) {
		return new NonBlockingEngine(thread).view(engine);
	}

	private SessionEngine view(SessionEngine engine) {
		EngineParts parts = engine.parts();
		EngineParts started = new EngineParts(parts.sender(), parts.store(), parts.codec(), parts.sessions(),
				parts.names(), starting(parts.calls()), starting(parts.reader()), starting(parts.search()),
				starting(parts.finder()), starting(parts.saver()), starting(parts.ender()), starting(parts.locking()),
				parts.indexValues(), parts.events(), parts.changes(), parts.compensations(), parts.expiry(),
				parts.collector());
		return mock(engine, (invocation) -> switch (invocation.getMethod().getName()) {
			case "parts" -> started;
			case "reader" -> started.reader();
			case "search" -> started.search();
			case "finder" -> started.finder();
			case "saver" -> started.saver();
			case "ender" -> started.ender();
			case "locking" -> started.locking();
			default -> invoke(invocation, engine);
		});
	}

	private <T> T starting(T useCases) {
		return starting(useCases, this.thread);
	}

	/** Use cases that start on a thread. What has no result is part of the life cycle. */
	static <T> T starting(T useCases, NonBlockingThread thread) {
		return mock(useCases, (invocation) -> (invocation.getMethod().getReturnType() != void.class)
				? thread.start(() -> invoke(invocation, useCases)) : invoke(invocation, useCases));
	}

	@SuppressWarnings("unchecked")
	private static <T> T mock(T real, Answer<?> answer) {
		return Mockito.mock((Class<T>) real.getClass(), Mockito.withSettings().stubOnly().defaultAnswer(answer));
	}

	private static @Nullable Object invoke(InvocationOnMock invocation, Object real) {
		try {
			invocation.getMethod().setAccessible(true);
			return invocation.getMethod().invoke(real, invocation.getArguments());
		}
		catch (InvocationTargetException ex) {
			throw Stages.unchecked(ex.getTargetException());
		}
		catch (IllegalAccessException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
