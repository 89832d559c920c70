package app.session.redis.reactive;

import java.util.Map;
import java.util.concurrent.Callable;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.ReactiveFindByIndexNameSessionRepository;
import org.springframework.session.ReactiveSessionRepository;
import org.springframework.session.Session;

/**
 * Finds and deletes sessions for operators, by handle. The id of each session is its
 * handle. Waits for Redis on Reactor's scheduler for blocking tasks.
 */
public final class ReactiveSessionsByHandle
		implements ReactiveSessionRepository<Session>, ReactiveFindByIndexNameSessionRepository<Session> {

	private final FindByIndexNameSessionRepository<Session> sessions;

	ReactiveSessionsByHandle(FindByIndexNameSessionRepository<Session> sessions) {
		this.sessions = sessions;
	}

	@Override
	public Mono<Session> createSession() {
		return elastic(this.sessions::createSession);
	}

	@Override
	public Mono<Void> save(Session session) {
		return elastic(() -> {
			this.sessions.save(session);
			return null;
		});
	}

	@Override
	public Mono<Session> findById(String id) {
		return elastic(() -> this.sessions.findById(id));
	}

	@Override
	public Mono<Void> deleteById(String id) {
		return elastic(() -> {
			this.sessions.deleteById(id);
			return null;
		});
	}

	@Override
	public Mono<Map<String, Session>> findByIndexNameAndIndexValue(String indexName, String indexValue) {
		return elastic(() -> this.sessions.findByIndexNameAndIndexValue(ReactiveSessions.index(indexName), indexValue));
	}

	private static <T> Mono<T> elastic(Callable<? extends @Nullable T> task) {
		return Mono.<T>fromCallable(task).subscribeOn(Schedulers.boundedElastic());
	}

}
