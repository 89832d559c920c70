package app.session.redis.servlet;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import app.session.redis.codec.ValueForm;
import app.session.redis.session.RequestClient;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.SessionSettingsBuilder;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.FlushMode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Attributes that can't be stored, within requests and outside of them.
 */
class RefusedAttributesTests {

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private static final RedisServer server = SharedRedis.standalone();

	private final TestRepositories repositories = TestRepositories.on(server);

	private final AtomicRedisSessionRepository repository = node((settings) -> {
	});

	@BeforeEach
	void empty() {
		server.flushAll();
	}

	@AfterEach
	void close() {
		RequestBinding.restore(null);
		this.repositories.close();
	}

	private AtomicRedisSessionRepository node(Consumer<SessionSettingsBuilder> settings) {
		return this.repositories.unstarted(settings).repository();
	}

	private static StoredSession create(AtomicRedisSessionRepository repository) {
		StoredSession session = repository.createSession();
		session.setAttribute(PRINCIPAL, "alice");
		session.setAttribute("name", "Alice");
		session.setAttribute("cart", new ArrayList<>(List.of("pen")));
		repository.save(session);
		return session;
	}

	/** The session as a request of its client finds it. */
	private static StoredSession inRequest(AtomicRedisSessionRepository repository, StoredSession session) {
		new RequestBinding(RequestClient.UNKNOWN).bind(() -> false);
		StoredSession found = repository.clientSessions().findById(session.getId());
		assertThat(found).isNotNull();
		return found;
	}

	/** The session as the next request finds it. */
	private static StoredSession afterwards(AtomicRedisSessionRepository repository, StoredSession session) {
		RequestBinding.restore(null);
		StoredSession found = repository.findById(session.getHandle());
		assertThat(found).isNotNull();
		return found;
	}

	@ParameterizedTest
	@EnumSource
	void refusal_namesTheAttributeAndItsType(ValueForm form) {
		AtomicRedisSessionRepository repository = node((each) -> each.valueForm(form));
		StoredSession session = create(repository);
		session.setAttribute("secret plan", new Unserializable("top secret"));
		assertThatIllegalArgumentException().isThrownBy(() -> repository.save(session))
			.withMessageStartingWith(
					"The session attribute 'secret plan' of type " + Unserializable.class.getName() + " can't be ")
			.withMessageNotContaining("top")
			.withCauseInstanceOf(IllegalArgumentException.class);
	}

	@Test
	void refusalOfWhatWasChangedInPlace_namesTheAttribute() {
		StoredSession session = create(this.repository);
		session.<List<Object>>getRequiredAttribute("cart").add(new Unserializable("x"));
		assertThatIllegalArgumentException().isThrownBy(() -> this.repository.save(session))
			.withMessageStartingWith("The session attribute 'cart' of type java.util.ArrayList can't be stored");
	}

	@Test
	void exceptionOfTheApplicationsOwnSerialization_isTheCauseOfARefusal() {
		StoredSession session = create(this.repository);
		session.setAttribute("plan", new Failing());
		assertThatIllegalArgumentException().isThrownBy(() -> this.repository.save(session))
			.withMessageStartingWith("The session attribute 'plan' of type " + Failing.class.getName())
			.withMessageNotContaining("top secret")
			.withRootCauseInstanceOf(ConcurrentModificationException.class);
	}

	@Test
	void severalRefusals_areToldTogether() {
		StoredSession session = create(this.repository);
		session.setAttribute("one", new Unserializable("x"));
		session.setAttribute("two", new Failing());
		assertThatIllegalArgumentException().isThrownBy(() -> this.repository.save(session)).satisfies((ex) -> {
			assertThat(ex.getSuppressed()).hasSize(1);
			assertThat(ex.getMessage() + ex.getSuppressed()[0].getMessage()).contains("'one'", "'two'");
		});
	}

	@Test
	void outsideOfRequests_everySaveFailsAndWritesNothing() {
		StoredSession session = create(this.repository);
		session.setAttribute("plan", new Unserializable("x"));
		session.setAttribute("name", "Bob");
		for (int i = 0; i < 3; i++) {
			assertThatIllegalArgumentException().isThrownBy(() -> this.repository.save(session));
			assertThatIllegalArgumentException().isThrownBy(() -> this.repository.clientSessions().save(session));
		}
		assertThat(afterwards(this.repository, session).<String>getAttribute("name")).isEqualTo("Alice");
	}

	@Test
	void inARequest_theSaveFailsOnceAndLaterOnesWriteEverythingElse() {
		StoredSession found = inRequest(this.repository, create(this.repository));
		Unserializable refused = new Unserializable("x");
		found.setAttribute("plan", refused);
		found.setAttribute("name", "Bob");
		found.<List<String>>getRequiredAttribute("cart").add("ink");
		String id = found.changeSessionId();
		assertThatIllegalArgumentException().isThrownBy(() -> this.repository.clientSessions().save(found));
		found.setAttribute("flash", "Sorry");
		this.repository.clientSessions().save(found);
		this.repository.clientSessions().save(found);
		this.repository.save(found);
		assertThat(found.<Object>getAttribute("plan")).isSameAs(refused);
		StoredSession next = afterwards(this.repository, found);
		assertThat(next.getAttributeNames()).containsExactlyInAnyOrder(PRINCIPAL, "name", "cart", "flash");
		assertThat(next.<String>getAttribute("name")).isEqualTo("Bob");
		assertThat(next.<List<String>>getRequiredAttribute("cart")).containsExactly("pen", "ink");
		assertThat(this.repository.clientSessions().findById(id)).isNotNull();
	}

	@Test
	void newSession_isCreatedWithoutWhatWasRefused() {
		new RequestBinding(RequestClient.UNKNOWN).bind(() -> false);
		StoredSession session = this.repository.clientSessions().createSession();
		session.setAttribute("plan", new Unserializable("x"));
		session.setAttribute("name", "Bob");
		assertThatIllegalArgumentException().isThrownBy(() -> this.repository.clientSessions().save(session));
		this.repository.clientSessions().save(session);
		assertThat(afterwards(this.repository, session).getAttributeNames()).containsExactly("name");
	}

	@Test
	void refusedValueOfAStoredAttribute_leavesTheStoredOne() {
		StoredSession found = inRequest(this.repository, create(this.repository));
		found.setAttribute("name", new Unserializable("x"));
		found.<List<Object>>getRequiredAttribute("cart").add(new Unserializable("x"));
		assertThatIllegalArgumentException().isThrownBy(() -> this.repository.clientSessions().save(found));
		found.setAttribute("cart", found.getAttribute("cart"));
		this.repository.clientSessions().save(found);
		StoredSession next = afterwards(this.repository, found);
		assertThat(next.<String>getAttribute("name")).isEqualTo("Alice");
		assertThat(next.<List<String>>getRequiredAttribute("cart")).containsExactly("pen");
	}

	@Test
	void anotherValueInPlaceOfARefusedOne_isSavedOrRefusedAnew() {
		StoredSession found = inRequest(this.repository, create(this.repository));
		found.setAttribute("plan", new Unserializable("x"));
		assertThatIllegalArgumentException().isThrownBy(() -> this.repository.clientSessions().save(found));
		found.setAttribute("plan", new Unserializable("y"));
		assertThatIllegalArgumentException().isThrownBy(() -> this.repository.clientSessions().save(found));
		found.setAttribute("plan", "z");
		this.repository.clientSessions().save(found);
		assertThat(afterwards(this.repository, found).<String>getAttribute("plan")).isEqualTo("z");
	}

	@Test
	void removedRefusedAttribute_isRemovedFromRedisToo() {
		StoredSession found = inRequest(this.repository, create(this.repository));
		found.setAttribute("name", new Unserializable("x"));
		assertThatIllegalArgumentException().isThrownBy(() -> this.repository.clientSessions().save(found));
		found.removeAttribute("name");
		this.repository.clientSessions().save(found);
		assertThat(afterwards(this.repository, found).getAttributeNames()).containsExactlyInAnyOrder(PRINCIPAL, "cart");
	}

	@Test
	void saveOfTheApplicationThatFails_letsTheRequestFailToo() {
		StoredSession found = inRequest(this.repository, create(this.repository));
		found.setAttribute("plan", new Unserializable("x"));
		assertThatIllegalArgumentException().isThrownBy(() -> this.repository.save(found));
		assertThatIllegalArgumentException().isThrownBy(() -> this.repository.save(found));
		assertThatIllegalArgumentException().isThrownBy(() -> this.repository.clientSessions().save(found));
		this.repository.clientSessions().save(found);
	}

	@Test
	void dispatchThatLeavesAsynchronousProcessingBehind_letsTheNextOneFail() {
		RequestBinding scope = new RequestBinding(RequestClient.UNKNOWN);
		AtomicBoolean async = new AtomicBoolean(true);
		scope.bind(async::get);
		StoredSession found = this.repository.clientSessions().findById(create(this.repository).getId());
		found.setAttribute("name", "Bob");
		found.setAttribute("plan", new Unserializable("x"));
		scope.leave(Thread.currentThread());
		this.repository.clientSessions().save(found);
		scope.leave(null);
		assertThatIllegalArgumentException().as("when the response is committed meanwhile")
			.isThrownBy(() -> this.repository.save(found));
		async.set(false);
		scope.bind(async::get);
		assertThatIllegalArgumentException().isThrownBy(() -> this.repository.clientSessions().save(found));
		this.repository.clientSessions().save(found);
		assertThat(afterwards(this.repository, found).<String>getAttribute("name")).isEqualTo("Bob");
	}

	@Test
	void refusedValueThatAnotherThreadReplacesDuringTheSave_letsTheNextDispatchFail() {
		RequestBinding scope = new RequestBinding(RequestClient.UNKNOWN);
		AtomicBoolean async = new AtomicBoolean(true);
		scope.bind(async::get);
		StoredSession found = this.repository.clientSessions().findById(create(this.repository).getId());
		found.setAttribute("plan",
				new Replaced(() -> found.setAttribute("plan", new Unserializable("of another thread"))));
		scope.leave(Thread.currentThread());
		this.repository.clientSessions().save(found);
		scope.leave(null);
		async.set(false);
		scope.bind(async::get);
		assertThatIllegalArgumentException().isThrownBy(() -> this.repository.clientSessions().save(found));
		this.repository.clientSessions().save(found);
	}

	@Test
	void refusedIndexedAttribute_isNotIndexed() {
		AtomicRedisSessionRepository repository = node((each) -> each.indexedAttributes(List.of("tenant")));
		StoredSession found = inRequest(repository, create(repository));
		found.setAttribute("tenant", new Unserializable("acme"));
		found.setAttribute("name", "Bob");
		assertThatIllegalArgumentException().isThrownBy(() -> repository.clientSessions().save(found));
		repository.clientSessions().save(found);
		RequestBinding.restore(null);
		assertThat(repository.findByIndexNameAndIndexValue("tenant", "acme")).isEmpty();
		assertThat(repository.findByPrincipalName("alice")).hasSize(1);
	}

	@Test
	void refusedPrincipal_leavesTheSessionUnderTheStoredOne() {
		StoredSession found = inRequest(this.repository, create(this.repository));
		found.setAttribute(PRINCIPAL, new Unserializable("mallory"));
		found.setAttribute("name", "Bob");
		assertThatIllegalArgumentException().isThrownBy(() -> this.repository.clientSessions().save(found));
		this.repository.clientSessions().save(found);
		RequestBinding.restore(null);
		assertThat(this.repository.findByPrincipalName("alice")).hasSize(1);
		assertThat(this.repository.findByPrincipalName("mallory")).isEmpty();
		assertThat(afterwards(this.repository, found).<String>getAttribute(PRINCIPAL)).isEqualTo("alice");
	}

	@Test
	void refusedPrincipalOfANewLogIn_isNotIndexed() {
		new RequestBinding(RequestClient.UNKNOWN).bind(() -> false);
		StoredSession session = this.repository.clientSessions().createSession();
		session.setAttribute("SPRING_SECURITY_CONTEXT", new SecurityContextImpl(
				UsernamePasswordAuthenticationToken.authenticated(new Unserializable("x"), null, List.of())));
		assertThatIllegalArgumentException().isThrownBy(() -> this.repository.clientSessions().save(session));
		this.repository.clientSessions().save(session);
		RequestBinding.restore(null);
		assertThat(server.keys()).noneMatch((key) -> key.contains(":index:"));
	}

	@Test
	void indexThatCannotBeResolved_failsTheRequestOnceAndNoPrincipalIsSavedWithoutIt() {
		AtomicRedisSessionRepository repository = node((each) -> each.indexResolver((session) -> {
			if (session.getAttribute("plan") != null) {
				throw new IllegalStateException("The test wants it so");
			}
			return Map.of();
		}));
		StoredSession found = inRequest(repository, create(repository));
		found.setAttribute("plan", "x");
		found.setAttribute(PRINCIPAL, "bob");
		assertThatIllegalStateException().isThrownBy(() -> repository.clientSessions().save(found));
		repository.clientSessions().save(found);
		RequestBinding.restore(null);
		assertThat(repository.findByPrincipalName("bob")).isEmpty();
		assertThat(repository.findByPrincipalName("alice")).hasSize(1);
		assertThat(afterwards(repository, found).<String>getAttribute(PRINCIPAL)).isEqualTo("alice");
	}

	@Test
	void whereChangesAreWrittenImmediately_theValueIsRefusedWhenItIsSet() {
		AtomicRedisSessionRepository repository = node((each) -> each.flushMode(FlushMode.IMMEDIATE));
		StoredSession found = inRequest(repository, create(repository));
		assertThatIllegalArgumentException().isThrownBy(() -> found.setAttribute("plan", new Unserializable("x")))
			.withMessageContaining("'plan'");
		assertThatIllegalArgumentException().isThrownBy(() -> found.setAttribute("name", new Unserializable("x")));
		assertThat(found.<Object>getAttribute("plan")).isNull();
		assertThat(found.<String>getAttribute("name")).isEqualTo("Alice");
		found.setAttribute("flash", "Sorry");
		repository.clientSessions().save(found);
		StoredSession next = afterwards(repository, found);
		assertThat(next.getAttributeNames()).containsExactlyInAnyOrder(PRINCIPAL, "name", "cart", "flash");
		assertThat(next.<String>getAttribute("name")).isEqualTo("Alice");
	}

	@Test
	void whereChangesAreWrittenImmediately_whatWasChangedInPlaceFailsTheRequestOnce() {
		AtomicRedisSessionRepository repository = node((each) -> each.flushMode(FlushMode.IMMEDIATE));
		StoredSession found = inRequest(repository, create(repository));
		found.<List<Object>>getRequiredAttribute("cart").add(new Unserializable("x"));
		assertThatIllegalArgumentException().isThrownBy(() -> found.setAttribute("name", "Bob"))
			.withMessageContaining("'cart'");
		assertThatIllegalArgumentException().isThrownBy(() -> repository.clientSessions().save(found));
		found.setAttribute("flash", "Sorry");
		repository.clientSessions().save(found);
		StoredSession next = afterwards(repository, found);
		assertThat(next.<String>getAttribute("name")).isEqualTo("Bob");
		assertThat(next.<String>getAttribute("flash")).isEqualTo("Sorry");
	}

	/** What has no serial form. */
	private static final class Unserializable {

		private final String secret;

		private final Thread thread = Thread.currentThread();

		Unserializable(String secret) {
			this.secret = secret;
		}

		@Override
		public String toString() {
			return this.secret + this.thread;
		}

	}

	/** Fails as an object does that another thread is changing. */
	private static final class Failing implements Serializable {

		private static final long serialVersionUID = 1L;

		private void writeObject(ObjectOutputStream out) throws IOException {
			throw new ConcurrentModificationException("top secret");
		}

	}

	/** Is replaced by another value while it is serialized, which fails. */
	private static final class Replaced implements Serializable {

		private static final long serialVersionUID = 1L;

		private final transient Runnable replacement;

		Replaced(Runnable replacement) {
			this.replacement = replacement;
		}

		private void writeObject(ObjectOutputStream out) throws IOException {
			this.replacement.run();
			throw new ConcurrentModificationException("replaced");
		}

	}

}
