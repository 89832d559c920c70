package app.session.redis.servlet;

import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

import app.session.redis.observation.SessionCounter;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.SaveAfterDelete;
import app.session.redis.test.Monitor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.session.FindByIndexNameSessionRepository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Requests that read and change the same session at the same time, also on the same
 * object.
 */
class SessionRacesITests {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private final ExecutorService executor = Executors.newFixedThreadPool(4);

	@AfterEach
	void shutDown() throws InterruptedException {
		this.executor.shutdownNow();
		assertThat(this.executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
	}

	@ParameterizedTest
	@EnumSource
	void indexesFollowAttributesThatNodesChangeAtTheSameTime(Topology topology) throws Exception {
		topology.flushAll();
		List<String> names = List.of("alice", "bob", "carol");
		try (TestRepositories repositories = topology.repositories()) {
			List<Node> nodes = IntStream.range(0, 2)
				.mapToObj((i) -> repositories.unstarted((settings) -> settings.indexedAttributes(List.of("tenant"))))
				.toList();
			for (int round = 0; round < 40; round++) {
				StoredSession session = nodes.get(0).repository().createSession();
				session.setAttribute(PRINCIPAL, "alice");
				session.setAttribute("tenant", "alice");
				nodes.get(0).repository().save(session);
				together(IntStream.range(0, 4).mapToObj((number) -> (Runnable) () -> {
					AtomicRedisSessionRepository repository = nodes.get(number % 2).repository();
					for (int i = 0; i < 5; i++) {
						StoredSession found = repository.findById(session.getId());
						found.setAttribute((number < 3) ? PRINCIPAL : "tenant", names.get((number + i) % 3));
						repository.save(found);
					}
				}).toArray(Runnable[]::new));
				AtomicRedisSessionRepository repository = nodes.get(0).repository();
				StoredSession last = repository.findById(session.getId());
				await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5)).untilAsserted(() -> {
					for (String index : List.of(PRINCIPAL, "tenant")) {
						for (String name : names) {
							assertThat(repository.operations().count(index, name)).as(index + " " + name)
								.isEqualTo(name.equals(last.getAttribute(index)) ? 1 : 0);
						}
					}
				});
				repository.deleteById(session.getId());
			}
		}
	}

	@ParameterizedTest
	@EnumSource
	void aReaderOfUnstableObjectsOverwritesNoWriterAndSendsOneCommand(Topology topology) throws Exception {
		topology.flushAll();
		try (TestRepositories repositories = topology.repositories()) {
			Node reader = repositories.unstarted((settings) -> settings.touchInterval(Duration.ofMinutes(1)));
			Node writer = repositories.unstarted((settings) -> settings.touchInterval(Duration.ofMinutes(1)));
			StoredSession session = writer.repository().createSession();
			fill(session, 0);
			writer.repository().save(session);
			AtomicBoolean done = new AtomicBoolean();
			List<Future<?>> readers = new ArrayList<>();
			for (int i = 0; i < 3; i++) {
				readers.add(this.executor.submit(() -> {
					while (!done.get()) {
						read(reader, session.getId());
					}
				}));
			}
			for (int i = 1; i <= 200; i++) {
				StoredSession found = writer.repository().clientSessions().findById(session.getId());
				assertThat(found.<Map<String, Integer>>getRequiredAttribute("map")).containsEntry("count", i - 1);
				fill(found, i);
				writer.repository().save(found);
				StoredSession again = reader.repository().clientSessions().findById(session.getId());
				assertThat(again.<Map<String, Integer>>getRequiredAttribute("map")).containsEntry("count", i);
				assertThat(again.<Set<Thing>>getRequiredAttribute("things"))
					.allMatch((thing) -> thing.name.startsWith("t"));
			}
			done.set(true);
			for (Future<?> each : readers) {
				each.get();
			}
			try (Monitor monitor = topology.monitor()) {
				for (int i = 0; i < 50; i++) {
					monitor.reset();
					read(reader, session.getId());
					assertThat(monitor.commands()).hasSize(1);
				}
			}
		}
	}

	private static void fill(StoredSession session, int count) {
		Map<String, Integer> map = new HashMap<>();
		Set<String> set = new HashSet<>();
		Set<Thing> things = new HashSet<>();
		Map<Thing, List<Thing>> byThing = new HashMap<>();
		IntStream.range(0, 60).forEach((i) -> {
			Thing thing = new Thing("t" + i);
			map.put("key" + i * 31, i);
			set.add("element" + i * 17);
			things.add(thing);
			byThing.put(thing, List.of(thing, new Thing("u" + i)));
		});
		map.put("count", count);
		session.setAttribute("map", map);
		session.setAttribute("set", set);
		session.setAttribute("things", things);
		session.setAttribute("byThing", byThing);
	}

	private static void read(Node node, String id) {
		StoredSession found = node.repository().clientSessions().findById(id);
		assertThat(found.<Map<String, Integer>>getRequiredAttribute("map")).isNotEmpty();
		assertThat(found.<Collection<?>>getRequiredAttribute("set")).isNotEmpty();
		assertThat(found.<Collection<?>>getRequiredAttribute("things")).isNotEmpty();
		assertThat(found.<Map<?, ?>>getRequiredAttribute("byThing").keySet()).isNotEmpty();
		node.repository().save(found);
	}

	@ParameterizedTest
	@EnumSource
	void changesInPlaceOnTwoNodesAlternatelyAreAllKept(Topology topology) {
		topology.flushAll();
		try (TestRepositories repositories = topology.repositories()) {
			List<Node> nodes = List.of(repositories.unstarted((settings) -> {
			}), repositories.unstarted((settings) -> {
			}));
			StoredSession session = nodes.get(0).repository().createSession();
			session.setAttribute("cart", new HashMap<Thing, HashSet<Integer>>());
			nodes.get(0).repository().save(session);
			for (int i = 0; i < 200; i++) {
				Node node = nodes.get(i % 2);
				StoredSession found = node.repository().clientSessions().findById(session.getId());
				Map<Thing, HashSet<Integer>> cart = found.getRequiredAttribute("cart");
				cart.computeIfAbsent(new Thing("t" + i), (thing) -> new HashSet<>()).add(i);
				node.repository().save(found);
			}
			Map<Thing, HashSet<Integer>> cart = nodes.get(0)
				.repository()
				.findById(session.getId())
				.getRequiredAttribute("cart");
			assertThat(cart.values().stream().flatMap(Set::stream))
				.containsExactlyInAnyOrderElementsOf(IntStream.range(0, 200).boxed().toList());
		}
	}

	@ParameterizedTest
	@EnumSource
	void twoThreadsOfARequestMaySaveTheSameSession(Topology topology) throws Exception {
		topology.flushAll();
		try (TestRepositories repositories = topology.repositories()) {
			Node node = repositories.unstarted((settings) -> settings.saveAfterDelete(SaveAfterDelete.FAIL));
			for (int i = 0; i < 100; i++) {
				StoredSession session = node.repository().createSession();
				together(() -> {
					session.setAttribute("a", "1");
					node.repository().save(session);
				}, () -> {
					session.setAttribute("b", "1");
					node.repository().save(session);
				});
				String id = session.getId();
				together(() -> {
					session.changeSessionId();
					node.repository().save(session);
				}, () -> {
					session.setAttribute("b", "2");
					node.repository().save(session);
				});
				assertThat(session.getId()).isNotEqualTo(id);
				assertThat(node.repository().findById(id)).isNull();
				StoredSession found = node.repository().findById(session.getId());
				assertThat(found).isNotNull();
				assertThat(found.<String>getAttribute("a")).isEqualTo("1");
				assertThat(found.<String>getAttribute("b")).isEqualTo("2");
			}
			assertThat(node.repository().getStatistics().get(SessionCounter.CREATED)).isEqualTo(100);
		}
	}

	@ParameterizedTest
	@EnumSource
	void aSlowSaverLeavesNothingOfADeletedSession(Topology topology) throws Exception {
		topology.flushAll();
		try (TestRepositories repositories = topology.repositories()) {
			Node node = repositories.unstarted((settings) -> {
			});
			Node other = repositories.unstarted((settings) -> {
			});
			for (int i = 0; i < 50; i++) {
				StoredSession session = node.repository().createSession();
				session.setAttribute(PRINCIPAL, "alice");
				node.repository().save(session);
				StoredSession slow = other.repository().clientSessions().findById(session.getId());
				slow.setAttribute(PRINCIPAL, "bob" + i % 3);
				slow.setAttribute("late", "x");
				slow.setMaxInactiveInterval(Duration.ofMinutes(i % 2));
				slow.changeSessionId();
				if (i % 2 == 0) {
					node.repository().deleteById(session.getId());
					other.repository().save(slow);
				}
				else {
					together(() -> node.repository().deleteById(session.getHandle()),
							() -> other.repository().save(slow));
				}
				assertThat(node.repository().findById(session.getHandle())).isNull();
			}
			await().untilAsserted(() -> assertThat(topology.keys()).isEmpty());
		}
	}

	private void together(Runnable... runnables) throws Exception {
		CyclicBarrier barrier = new CyclicBarrier(runnables.length);
		List<Callable<Object>> tasks = new ArrayList<>();
		for (Runnable task : runnables) {
			tasks.add(() -> {
				barrier.await();
				task.run();
				return task;
			});
		}
		for (Future<Object> future : this.executor.invokeAll(tasks)) {
			future.get();
		}
	}

	/** Without {@code equals} and {@code hashCode}: another order in every set. */
	private static final class Thing implements Serializable {

		private static final long serialVersionUID = 1L;

		private final String name;

		Thing(String name) {
			this.name = name;
		}

	}

}
