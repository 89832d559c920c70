package app.session.redis.servlet;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import app.session.redis.codec.ValueForm;
import app.session.redis.observation.SessionCounter;
import app.session.redis.session.StoredSession;
import app.session.redis.settings.AttributeConversion;
import app.session.redis.settings.SaveMode;
import app.session.redis.settings.SessionSettingsBuilder;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.web.context.request.DestructionCallbackBindingListener;
import org.springframework.web.context.request.ServletRequestAttributes;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Values that are not stored as the application has them, or not at all.
 */
class AttributeConversionTests {

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
		this.repositories.close();
	}

	private AtomicRedisSessionRepository node(Consumer<SessionSettingsBuilder> customizer) {
		return this.repositories.unstarted((settings) -> {
			settings.attributeConversion(new Unwrapping());
			customizer.accept(settings);
		}).repository();
	}

	private static StoredSession create(AtomicRedisSessionRepository repository, Object value) {
		StoredSession session = repository.createSession();
		session.setAttribute("cart", value);
		repository.save(session);
		return session;
	}

	private static StoredSession find(AtomicRedisSessionRepository repository, StoredSession session) {
		StoredSession found = repository.clientSessions().findById(session.getId());
		assertThat(found).isNotNull();
		return found;
	}

	/** How many commands a save sends. */
	private static long cost(AtomicRedisSessionRepository repository, StoredSession session) {
		long before = repository.getStatistics().get(SessionCounter.COMMANDS);
		repository.save(session);
		return repository.getStatistics().get(SessionCounter.COMMANDS) - before;
	}

	@ParameterizedTest
	@EnumSource
	void value_isConvertedWhenItIsWrittenAndRead(ValueForm form) {
		AtomicRedisSessionRepository repository = node((each) -> each.valueForm(form));
		StoredSession session = create(repository, new Wrapper(new ArrayList<>(List.of("pen"))));
		assertThat(find(repository, session).<Wrapper>getRequiredAttribute("cart").items).containsExactly("pen");
	}

	@Test
	void convertedValueThatIsOnlyRead_isNotWritten() {
		StoredSession found = find(this.repository, create(this.repository, new Wrapper(new ArrayList<>())));
		assertThat(found.<Wrapper>getRequiredAttribute("cart").items).isEmpty();
		assertThat(cost(this.repository, found)).isZero();
	}

	@Test
	void convertedValueThatIsChangedInPlace_isWritten() {
		StoredSession session = create(this.repository, new Wrapper(new ArrayList<>()));
		session.<Wrapper>getRequiredAttribute("cart").items.add("pen");
		this.repository.save(session);
		StoredSession found = find(this.repository, session);
		found.<Wrapper>getRequiredAttribute("cart").items.add("ink");
		this.repository.save(found);
		assertThat(find(this.repository, session).<Wrapper>getRequiredAttribute("cart").items).containsExactly("pen",
				"ink");
	}

	@ParameterizedTest
	@EnumSource
	void convertedValue_isWrittenInEverySaveMode(SaveMode saveMode) {
		AtomicRedisSessionRepository repository = node((each) -> each.saveMode(saveMode));
		StoredSession found = find(repository, create(repository, new Wrapper(new ArrayList<>())));
		Wrapper wrapper = found.getRequiredAttribute("cart");
		wrapper.items.add("pen");
		found.setAttribute("cart", wrapper);
		repository.save(found);
		assertThat(find(repository, found).<Wrapper>getRequiredAttribute("cart").items).containsExactly("pen");
	}

	@Test
	void sameObjectThatIsSetAgainUnchanged_isNotWritten() {
		StoredSession found = find(this.repository, create(this.repository, new ArrayList<>(List.of("pen"))));
		found.setAttribute("cart", found.getAttribute("cart"));
		assertThat(cost(this.repository, found)).isZero();
	}

	@Test
	void sameObjectThatIsSetAgainChanged_isWritten() {
		StoredSession found = find(this.repository, create(this.repository, new ArrayList<>(List.of("pen"))));
		List<String> cart = found.getRequiredAttribute("cart");
		cart.add("ink");
		found.setAttribute("cart", cart);
		this.repository.save(found);
		assertThat(find(this.repository, found).<List<String>>getRequiredAttribute("cart")).containsExactly("pen",
				"ink");
	}

	@Test
	void objectOfAnUnstableTypeThatIsSetAgain_isWrittenOnce() {
		StoredSession found = find(this.repository, create(this.repository, new Unstable()));
		found.setAttribute("cart", found.getAttribute("cart"));
		assertThat(cost(this.repository, found)).isEqualTo(1);
		assertThat(cost(this.repository, found)).isZero();
	}

	@Test
	void equalObjectThatIsSet_isWritten() {
		StoredSession found = find(this.repository, create(this.repository, new ArrayList<>(List.of("pen"))));
		found.setAttribute("cart", new ArrayList<>(found.<List<String>>getRequiredAttribute("cart")));
		assertThat(cost(this.repository, found)).isEqualTo(1);
	}

	@ParameterizedTest
	@EnumSource
	void destructionCallback_isVisibleInItsRequestAndStoredAsAMarker(SaveMode saveMode) {
		AtomicRedisSessionRepository repository = node((each) -> each.saveMode(saveMode));
		StoredSession session = create(repository, "x");
		StoredSession found = find(repository, session);
		Object callback = new DestructionCallbackBindingListener(new Callback());
		found.setAttribute(callbackName("scopedTarget.cart"), callback);
		assertThat(found.<Object>getAttribute(callbackName("scopedTarget.cart"))).isSameAs(callback);
		assertThat(found.getAttributeNames()).contains(callbackName("scopedTarget.cart"));
		repository.save(found);
		StoredSession later = find(repository, session);
		assertThat(later.getAttributeNames()).containsExactlyInAnyOrder("cart", callbackName("scopedTarget.cart"));
		assertThat(later.<Object>getAttribute(callbackName("scopedTarget.cart"))).isEqualTo(true);
	}

	@Test
	void destructionCallback_isWrittenOnce() {
		StoredSession found = find(this.repository, create(this.repository, "x"));
		found.setAttribute(callbackName("cart"), new DestructionCallbackBindingListener(new Callback()));
		assertThat(cost(this.repository, found)).isEqualTo(1);
		assertThat(cost(this.repository, found)).isZero();
		found.removeAttribute(callbackName("cart"));
		assertThat(cost(this.repository, found)).isEqualTo(1);
	}

	@Test
	void destructionCallbackInPlaceOfAStoredValue_removesIt() {
		StoredSession session = create(this.repository, "x");
		StoredSession found = find(this.repository, session);
		found.setAttribute("cart", new DestructionCallbackBindingListener(new Callback()));
		this.repository.save(found);
		assertThat(find(this.repository, session).getAttributeNames()).isEmpty();
		found.setAttribute("cart", "y");
		this.repository.save(found);
		assertThat(find(this.repository, session).<String>getAttribute("cart")).isEqualTo("y");
	}

	@Test
	void destructionCallbackThatSomeoneWroteToRedis_isNotRead() throws IOException {
		StoredSession session = create(this.repository, "x");
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		bytes.write(2);
		try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
			out.writeObject(new DestructionCallbackBindingListener((Runnable & Serializable) () -> {
			}));
		}
		try (StatefulRedisConnection<byte[], byte[]> connection = server.client().connect(ByteArrayCodec.INSTANCE)) {
			connection.sync()
				.hset(("app:session:session:{" + session.getHandle() + "}").getBytes(StandardCharsets.US_ASCII),
						callbackName("cart").getBytes(StandardCharsets.UTF_8), bytes.toByteArray());
		}
		assertThat(find(this.repository, session).<Object>getAttribute(callbackName("cart"))).isNull();
		assertThat(this.repository.getStatistics().get(SessionCounter.ATTRIBUTES_DROPPED)).isEqualTo(1);
	}

	private static String callbackName(String bean) {
		return ServletRequestAttributes.DESTRUCTION_CALLBACK_NAME_PREFIX + bean;
	}

	/** As a framework wraps an object of the application: it can't be stored itself. */
	private static final class Wrapper {

		private final ArrayList<String> items;

		Wrapper(ArrayList<String> items) {
			this.items = items;
		}

	}

	private static final class Wrapped implements Serializable {

		private static final long serialVersionUID = 1L;

		private ArrayList<String> items = new ArrayList<>();

		Wrapped() {
		}

		Wrapped(ArrayList<String> items) {
			this.items = items;
		}

	}

	private static final class Unwrapping implements AttributeConversion {

		@Override
		public Object toStored(String name, Object value) {
			return (value instanceof Wrapper wrapper) ? new Wrapped(wrapper.items) : value;
		}

		@Override
		public Object fromStored(String name, Object stored) {
			return (stored instanceof Wrapped wrapped) ? new Wrapper(wrapped.items) : stored;
		}

	}

	/** Not serializable, as the bean factory that such a callback refers to is not. */
	private static final class Callback implements Runnable {

		@Override
		public void run() {
			throw new IllegalStateException("Nobody calls it");
		}

	}

	private static final class Unstable implements Serializable {

		private static final long serialVersionUID = 1L;

		private static final AtomicInteger WRITES = new AtomicInteger();

		private void writeObject(ObjectOutputStream out) throws IOException {
			out.defaultWriteObject();
			out.writeInt(WRITES.incrementAndGet());
		}

	}

}
