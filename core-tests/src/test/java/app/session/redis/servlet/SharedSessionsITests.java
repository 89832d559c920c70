package app.session.redis.servlet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.SaveAfterDelete;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.session.FindByIndexNameSessionRepository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Two nodes and eight threads that read, change, rename and delete the same sessions.
 */
class SharedSessionsITests {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private static final int THREADS = 8;

	private static final int OPERATIONS = 10_000;

	private static final int SLOTS = 12;

	private static final int PRINCIPALS = 4;

	private final Queue<String> violations = new ConcurrentLinkedQueue<>();

	/**
	 * Ids that find nothing, for they were replaced, refused or their session deleted.
	 */
	private final Map<String, String> deadIds = new ConcurrentHashMap<>();

	/** Handles of sessions whose deletion has returned. */
	private final Set<String> deleted = ConcurrentHashMap.newKeySet();

	/** Every value that was ever handed to a save, with the handle of its session. */
	private final Map<String, String> attempted = new ConcurrentHashMap<>();

	/** Values whose save was refused. */
	private final Set<String> refused = ConcurrentHashMap.newKeySet();

	private final Set<String> seen = ConcurrentHashMap.newKeySet();

	private final List<AtomicReference<String>> slots = new ArrayList<>();

	@ParameterizedTest
	@EnumSource
	void whatIsSharedStaysConsistent(Topology topology) throws Exception {
		topology.flushAll();
		ExecutorService executor = Executors.newFixedThreadPool(THREADS);
		try (TestRepositories repositories = topology.repositories()) {
			List<Node> nodes = new ArrayList<>();
			for (int i = 0; i < 2; i++) {
				nodes.add(repositories.node((settings) -> {
					settings.saveAfterDelete(SaveAfterDelete.FAIL);
					settings.commandTimeout(Duration.ofSeconds(10));
				}));
			}
			for (int i = 0; i < SLOTS; i++) {
				this.slots.add(new AtomicReference<>(create(nodes.get(i % 2), i)));
			}
			List<Future<?>> workers = new ArrayList<>();
			for (int i = 0; i < THREADS; i++) {
				Worker worker = new Worker(nodes.get(i % 2), new Random(i));
				workers.add(executor.submit(() -> worker.run(OPERATIONS / THREADS)));
			}
			while (!workers.stream().allMatch(Future::isDone)) {
				checkTimesToLive(topology);
			}
			for (Future<?> worker : workers) {
				worker.get();
			}
			checkTimesToLive(topology);
			assertThat(this.violations).isEmpty();
			assertThat(this.seen).as("values of refused saves").doesNotContainAnyElementsOf(this.refused);
			assertThat(this.refused).as("refused saves, lest the test be too tame").hasSizeGreaterThan(50);
			checkIndexes(nodes);
			for (AtomicReference<String> slot : this.slots) {
				nodes.get(0).repository().deleteById(slot.get());
			}
			await().untilAsserted(
					() -> assertThat(topology.keys()).allMatch((key) -> key.equals("app:session:collector")));
		}
		finally {
			executor.shutdownNow();
			assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
		}
	}

	private void checkTimesToLive(Topology topology) {
		for (String key : topology.keys()) {
			if (!key.startsWith("app:session:expiry:") && topology.pttl(key) == -1) {
				this.violations.add("without a time to live: " + key);
			}
		}
	}

	/** Once all is quiet every session is found under its principal and no other. */
	private void checkIndexes(List<Node> nodes) {
		Map<String, Set<String>> expected = new ConcurrentHashMap<>();
		for (AtomicReference<String> slot : this.slots) {
			StoredSession session = nodes.get(0).repository().findById(slot.get());
			assertThat(session).as("session of a slot").isNotNull();
			expected.computeIfAbsent(session.getRequiredAttribute(PRINCIPAL), (principal) -> new HashSet<>())
				.add(session.getHandle());
		}
		for (int i = 0; i < PRINCIPALS; i++) {
			Set<String> handles = new HashSet<>();
			nodes.get(1)
				.repository()
				.findByPrincipalName("user" + i)
				.values()
				.forEach((session) -> handles.add(session.getHandle()));
			assertThat(handles).isEqualTo(expected.getOrDefault("user" + i, Set.of()));
		}
	}

	private String create(Node node, int number) {
		StoredSession session = node.repository().createSession();
		session.setAttribute(PRINCIPAL, "user" + number % PRINCIPALS);
		String value = session.getHandle() + " created";
		this.attempted.put(value, session.getHandle());
		session.setAttribute("a", value);
		session.setAttribute("b", value);
		node.repository().save(session);
		return session.getId();
	}

	/** What one thread does. */
	private final class Worker {

		private final Node node;

		private final Random random;

		private @Nullable Runnable late;

		private int count;

		Worker(Node node, Random random) {
			this.node = node;
			this.random = random;
		}

		void run(int operations) {
			for (int i = 0; i < operations; i++) {
				AtomicReference<String> slot = SharedSessionsITests.this.slots
					.get(this.random.nextInt(SharedSessionsITests.this.slots.size()));
				int kind = this.random.nextInt(100);
				if (kind < 35) {
					find(slot.get(), true);
				}
				else if (kind < 60) {
					change(slot.get());
				}
				else if (kind < 70) {
					changePrincipal(slot.get());
				}
				else if (kind < 80) {
					changeId(slot);
				}
				else if (kind < 85) {
					findByPrincipal();
				}
				else if (kind < 90) {
					find(slot.get().substring(0, 16), false);
				}
				else if (kind < 95) {
					findDead();
				}
				else {
					delete(slot);
				}
			}
			if (this.late != null) {
				this.late.run();
			}
		}

		private @Nullable StoredSession find(String id, boolean client) {
			String handle = id.substring(0, 16);
			boolean gone = SharedSessionsITests.this.deleted.contains(handle);
			String dead = SharedSessionsITests.this.deadIds.get(id);
			StoredSession session = client ? this.node.repository().clientSessions().findById(id)
					: this.node.repository().findById(id);
			if (session == null) {
				return null;
			}
			if (gone) {
				violation("alive after its deletion: " + id);
			}
			if (dead != null) {
				violation("found by an id that was " + dead + ": " + id);
			}
			check(session);
			return session;
		}

		private void check(StoredSession session) {
			String a = session.getAttribute("a");
			String b = session.getAttribute("b");
			if (a == null || !a.equals(b)) {
				violation("half of a save: " + a + ", " + b);
			}
			else if (!session.getHandle().equals(SharedSessionsITests.this.attempted.get(a))) {
				violation("never written to this session: " + a);
			}
			else {
				SharedSessionsITests.this.seen.add(a);
			}
			if (session.getAttribute(PRINCIPAL) == null) {
				violation("without a principal: " + session);
			}
			for (String name : session.getAttributeNames()) {
				if (!Set.of("a", "b", PRINCIPAL).contains(name)) {
					violation("unknown attribute: " + name);
				}
			}
		}

		private void change(String id) {
			StoredSession session = find(id, true);
			if (session == null) {
				return;
			}
			String value = set(session);
			Runnable save = () -> save(session, value);
			if (this.random.nextInt(3) == 0) {
				Runnable before = this.late;
				this.late = save;
				if (before != null) {
					before.run();
				}
			}
			else {
				save.run();
			}
		}

		private String set(StoredSession session) {
			String value = session.getHandle() + " " + this + " " + this.count++;
			SharedSessionsITests.this.attempted.put(value, session.getHandle());
			session.setAttribute("a", value);
			session.setAttribute("b", value);
			return value;
		}

		private boolean save(StoredSession session, String value) {
			try {
				this.node.repository().save(session);
				return true;
			}
			catch (IllegalStateException ex) {
				SharedSessionsITests.this.refused.add(value);
				return false;
			}
		}

		private void changePrincipal(String id) {
			StoredSession session = find(id, true);
			if (session != null) {
				session.setAttribute(PRINCIPAL, "user" + this.random.nextInt(PRINCIPALS));
				save(session, set(session));
			}
		}

		private void changeId(AtomicReference<String> slot) {
			String id = slot.get();
			StoredSession session = find(id, true);
			if (session == null) {
				return;
			}
			String value = set(session);
			String changed = session.changeSessionId();
			if (save(session, value)) {
				SharedSessionsITests.this.deadIds.put(id, "replaced");
				slot.compareAndSet(id, changed);
			}
			else {
				SharedSessionsITests.this.deadIds.put(changed, "refused");
			}
		}

		private void findByPrincipal() {
			String principal = "user" + this.random.nextInt(PRINCIPALS);
			Set<String> gone = Set.copyOf(SharedSessionsITests.this.deleted);
			this.node.repository().findByPrincipalName(principal).forEach((id, session) -> {
				if (gone.contains(session.getHandle())) {
					violation("found by principal after its deletion: " + id);
				}
				if (!principal.equals(session.getAttribute(PRINCIPAL))) {
					violation("found under another's principal: " + id);
				}
				check(session);
			});
		}

		private void findDead() {
			List<String> ids = List.copyOf(SharedSessionsITests.this.deadIds.keySet());
			if (!ids.isEmpty()) {
				find(ids.get(this.random.nextInt(ids.size())), this.random.nextBoolean());
			}
		}

		private void delete(AtomicReference<String> slot) {
			String id = slot.get();
			String handle = id.substring(0, 16);
			if (this.random.nextBoolean()) {
				this.node.repository().deleteById(id);
				SharedSessionsITests.this.deadIds.put(id, "deleted");
				find(id, true);
			}
			this.node.repository().deleteById(handle);
			SharedSessionsITests.this.deleted.add(handle);
			find(handle, false);
			String current = slot.get();
			if (current.startsWith(handle)) {
				String created = create(this.node, this.random.nextInt(PRINCIPALS));
				// Another may rename the deleted one in the slot as long as its save was
				// on its way.
				while (current.startsWith(handle) && !slot.compareAndSet(current, created)) {
					current = slot.get();
				}
				if (!current.startsWith(handle)) {
					this.node.repository().deleteById(created);
				}
			}
		}

		private void violation(String text) {
			SharedSessionsITests.this.violations.add(text);
		}

	}

}
