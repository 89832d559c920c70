package app.session.redis.codec;

import java.io.ByteArrayOutputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.hibernate.LazyInitializationException;
import org.hibernate.collection.spi.AbstractPersistentCollection;
import org.hibernate.collection.spi.PersistentSet;
import org.junit.jupiter.api.Test;

import org.springframework.test.util.ReflectionTestUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class StoredCollectionsTests {

	private final ValueCodec codec = ValueCodec.builder().classLoader(getClass().getClassLoader()).build();

	/** Not initialized, and free to load from whatever factory has that id. */
	private static PersistentSet<Object> loading() {
		PersistentSet<Object> set = new PersistentSet<>();
		ReflectionTestUtils.setField(set, AbstractPersistentCollection.class, "allowLoadOutsideTransaction", true,
				boolean.class);
		ReflectionTestUtils.setField(set, AbstractPersistentCollection.class, "sessionFactoryUuid", "factory",
				String.class);
		return set;
	}

	@Test
	void aCollectionThatIsHashedWhileItIsReadDoesNotLookForItsFactory() throws Exception {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		out.write(2);
		try (ObjectOutputStream objects = new ObjectOutputStream(out)) {
			objects.writeObject(new HashSet<>(Set.of(new Unhashed(loading()))));
		}
		assertThatExceptionOfType(UnreadableValueException.class)
			.isThrownBy(() -> this.codec.deserialize(out.toByteArray()))
			.withRootCauseInstanceOf(LazyInitializationException.class)
			.satisfies((ex) -> assertThat(ex).rootCause().hasMessageContaining("SessionFactory UUID not known"));
	}

	@Test
	void afterwardsItIsAsItWas() {
		List<?> value = (List<?>) this.codec.deserialize(this.codec.serialize(List.of(loading())));
		assertThat(ReflectionTestUtils.getField(value.get(0), "sessionFactoryUuid")).isEqualTo("factory");
	}

	private static final class Unhashed implements Serializable {

		private static final long serialVersionUID = 1L;

		private final transient Object value;

		Unhashed(Object value) {
			this.value = value;
		}

		private Object writeReplace() {
			return this.value;
		}

	}

}
