package app.session.redis.servlet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

import app.session.redis.index.SessionPage;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.test.Background;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Pages of sessions while other sessions are created, deleted and moved.
 */
class ListingRacesITests {

	@ParameterizedTest
	@EnumSource
	void pagesMissNoSessionWhileHintsMoveAndOthersComeAndGo(Topology topology) throws Exception {
		topology.flushAll();
		AtomicBoolean done = new AtomicBoolean();
		try (TestRepositories repositories = topology.repositories()) {
			Node node = repositories.node((settings) -> settings.commandTimeout(Duration.ofSeconds(10)));
			List<String> ids = new ArrayList<>();
			Set<String> handles = new HashSet<>();
			for (int i = 0; i < 2400; i++) {
				StoredSession session = node.repository().createSession();
				node.repository().save(session);
				ids.add(session.getId());
				handles.add(session.getHandle());
			}
			CompletableFuture<Void> moving = Background.run(() -> {
				for (int i = 0; !done.get(); i++) {
					StoredSession session = node.repository().findById(ids.get(i * 7 % ids.size()));
					session.setMaxInactiveInterval(Duration.ofMinutes(1000 - i % 900));
					node.repository().save(session);
				}
			});
			CompletableFuture<Void> coming = Background.run(() -> {
				while (!done.get()) {
					List<StoredSession> others = new ArrayList<>();
					for (int i = 0; i < 300; i++) {
						StoredSession session = node.repository().createSession();
						node.repository().save(session);
						others.add(session);
					}
					others.forEach((session) -> node.repository().deleteById(session.getId()));
				}
			});
			for (int i = 0; i < 10; i++) {
				Set<String> listed = new HashSet<>();
				SessionPage page = node.repository().operations().page(null, 40);
				page.sessions().forEach((session) -> listed.add(session.handle()));
				while (page.next() != null) {
					page = node.repository().operations().page(page.next(), 40);
					page.sessions().forEach((session) -> listed.add(session.handle()));
				}
				assertThat(listed).containsAll(handles);
			}
			done.set(true);
			moving.get();
			coming.get();
		}
		finally {
			done.set(true);
		}
	}

}
