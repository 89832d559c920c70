package app.session.redis.servlet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import app.session.redis.session.RequestClient;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.SaveAfterDelete;
import app.session.redis.settings.SaveMode;
import app.session.redis.settings.SessionSettingsBuilder;
import app.session.redis.test.Monitor;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.FlushMode;
import org.springframework.session.events.SessionCreatedEvent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What listeners of a session's creation do to the session.
 */
class CreatedListenerTests {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private static final RedisServer server = SharedRedis.standalone();

	private final TestRepositories repositories = TestRepositories.on(server);

	private final AtomicRedisSessionRepository elsewhere = this.repositories.unstarted((settings) -> {
	}).repository();

	private final AtomicInteger events = new AtomicInteger();

	@BeforeEach
	void empty() {
		server.flushAll();
	}

	@AfterEach
	void close() {
		this.repositories.close();
	}

	private AtomicRedisSessionRepository repository(Consumer<SessionSettingsBuilder> settings,
			Consumer<StoredSession> listener) {
		return this.repositories.unstarted(settings, (engine) -> engine.setApplicationEventPublisher((event) -> {
			if (event instanceof SessionCreatedEvent created) {
				this.events.incrementAndGet();
				listener.accept(created.getSession());
			}
		})).repository();
	}

	private AtomicRedisSessionRepository repository(Consumer<StoredSession> listener) {
		return repository((settings) -> {
		}, listener);
	}

	private static StoredSession create(AtomicRedisSessionRepository repository) {
		StoredSession session = repository.createSession();
		session.setAttribute("name", "new");
		repository.save(session);
		return session;
	}

	private StoredSession stored(StoredSession session) {
		return this.elsewhere.findById(session.getId());
	}

	@ParameterizedTest
	@EnumSource
	void changesAreSaved(SaveMode saveMode) {
		StoredSession session = create(repository((settings) -> settings.saveMode(saveMode), (created) -> {
			created.setAttribute("listener", "x");
			created.removeAttribute("name");
			created.setMaxInactiveInterval(Duration.ofMinutes(7));
		}));
		StoredSession stored = stored(session);
		assertThat(stored.<String>getAttribute("listener")).isEqualTo("x");
		assertThat(stored.getAttributeNames()).containsOnly("listener");
		assertThat(stored.getMaxInactiveInterval()).isEqualTo(Duration.ofMinutes(7));
		assertThat(this.events).hasValue(1);
	}

	@Test
	void changeInPlaceIsSaved() {
		AtomicRedisSessionRepository repository = repository(
				(created) -> created.<List<String>>getRequiredAttribute("cart").add("ink"));
		StoredSession session = repository.createSession();
		session.setAttribute("cart", new ArrayList<>(List.of("pen")));
		repository.save(session);
		assertThat(stored(session).<List<String>>getAttribute("cart")).containsExactly("pen", "ink");
	}

	@ParameterizedTest
	@EnumSource
	void nothingIsSentWhenNothingWasChanged(SaveMode saveMode) {
		AtomicRedisSessionRepository repository = repository((settings) -> settings.saveMode(saveMode),
				(created) -> assertThat(created.getId()).isNotEmpty());
		create(repository);
		try (Monitor monitor = Monitor.of(server)) {
			create(repository);
			assertThat(monitor.commands()).filteredOn((command) -> command.name().startsWith("EVAL"))
				.as("hint and session")
				.hasSize(2);
		}
		assertThat(this.events).hasValue(2);
	}

	@Test
	void changesCostOneScript() {
		AtomicRedisSessionRepository repository = repository((created) -> created.setAttribute("listener", "x"));
		create(repository);
		try (Monitor monitor = Monitor.of(server)) {
			create(repository);
			assertThat(monitor.commands()).filteredOn((command) -> command.name().startsWith("EVAL"))
				.as("hint, session and what the listener changed")
				.hasSize(3);
		}
	}

	@ParameterizedTest
	@EnumSource
	void changesAreSavedOnceWhereTheyAreFlushedImmediately(SaveMode saveMode) {
		AtomicRedisSessionRepository repository = repository((settings) -> {
			settings.saveMode(saveMode);
			settings.flushMode(FlushMode.IMMEDIATE);
		}, (created) -> created.setAttribute("listener", "x"));
		StoredSession session = create(repository);
		assertThat(stored(session).<String>getAttribute("listener")).isEqualTo("x");
		try (Monitor monitor = Monitor.of(server)) {
			repository.createSession();
			assertThat(monitor.commands()).filteredOn((command) -> command.name().startsWith("EVAL"))
				.as("hint, session and what the listener changed")
				.hasSize(3);
		}
		assertThat(this.events).hasValue(2);
	}

	@Test
	void sessionThatTheListenerDeletesStaysDeleted() {
		AtomicRedisSessionRepository[] repository = new AtomicRedisSessionRepository[1];
		repository[0] = repository((settings) -> settings.saveAfterDelete(SaveAfterDelete.FAIL),
				(created) -> repository[0].deleteById(created.getId()));
		assertThat(stored(create(repository[0]))).isNull();
	}

	@Test
	void idThatTheListenerChangesIsTheOneThatIsStored() {
		AtomicRedisSessionRepository repository = repository(StoredSession::changeSessionId);
		StoredSession session = create(repository);
		assertThat(stored(session)).isNotNull();
	}

	@Test
	void saveByTheListenerIsTheLastOne() {
		AtomicRedisSessionRepository[] repository = new AtomicRedisSessionRepository[1];
		repository[0] = repository((created) -> {
			created.setAttribute("listener", "x");
			repository[0].save(created);
		});
		StoredSession session = create(repository[0]);
		assertThat(stored(session).<String>getAttribute("listener")).isEqualTo("x");
		assertThat(this.events).hasValue(1);
	}

	@Test
	void principalThatTheListenerSetsIsIndexed() {
		StoredSession session = create(repository((created) -> created.setAttribute(PRINCIPAL, "alice")));
		assertThat(this.elsewhere.findByPrincipalName("alice").values()).extracting(StoredSession::getHandle)
			.containsExactly(session.getHandle());
	}

	@Test
	void valueThatCanNotBeStoredIsRefusedAsAnyOther() {
		AtomicRedisSessionRepository repository = repository((created) -> created.setAttribute("thread", new Thread()));
		StoredSession session = repository.createSession();
		session.setAttribute("name", "new");
		assertThatIllegalArgumentException().isThrownBy(() -> repository.save(session)).withMessageContaining("thread");
		assertThat(stored(session).<String>getAttribute("name")).isEqualTo("new");
	}

	@Test
	void failingListenerLeavesWhatItChangedBefore() {
		StoredSession session = create(repository((created) -> {
			created.setAttribute("listener", "x");
			throw new IllegalStateException("for the test");
		}));
		assertThat(stored(session).<String>getAttribute("listener")).isEqualTo("x");
	}

	@Test
	void asynchronousProcessingThatAListenerStartsDefersTheSecondWrite() {
		AtomicBoolean asyncStarted = new AtomicBoolean();
		RequestBinding binding = new RequestBinding(RequestClient.UNKNOWN);
		binding.bind(asyncStarted::get);
		try {
			create(repository((session) -> asyncStarted.set(true)));
			assertThat(binding.hasDeferred()).isTrue();
		}
		finally {
			RequestBinding.restore(null);
		}
	}

}
