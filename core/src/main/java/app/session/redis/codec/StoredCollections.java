package app.session.redis.codec;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Keeps Hibernate's collections from loading while they are read. One whose elements are
 * hashed is initialized, and where {@code hibernate.enable_lazy_load_no_trans} is set, or
 * the stored bytes claim so, that opens a connection. Afterwards they are as they were.
 */
final class StoredCollections {

	private static final String PACKAGE = "org.hibernate.collection.spi.";

	private static final String BASE = PACKAGE + "AbstractPersistentCollection";

	private final List<Held> held = new ArrayList<>(0);

	static boolean isOne(Object object) {
		return object.getClass().getName().startsWith(PACKAGE);
	}

	/**
	 * Takes from a collection what it finds its session factory by.
	 * @throws IllegalStateException if that can't be done with this Hibernate
	 */
	void hold(Object collection) {
		Field field = field(collection.getClass());
		if (field == null) {
			return;
		}
		try {
			Object factory = field.get(collection);
			if (factory != null) {
				this.held.add(new Held(collection, field, factory));
				field.set(collection, null);
			}
		}
		catch (IllegalAccessException ex) {
			throw new IllegalStateException("A collection of Hibernate can't be kept from loading", ex);
		}
	}

	private static @Nullable Field field(Class<?> type) {
		for (Class<?> each = type; each != null; each = each.getSuperclass()) {
			if (each.getName().equals(BASE)) {
				try {
					Field field = each.getDeclaredField("sessionFactoryUuid");
					field.setAccessible(true);
					return field;
				}
				catch (NoSuchFieldException ex) {
					throw new IllegalStateException("A collection of Hibernate can't be kept from loading", ex);
				}
			}
		}
		return null;
	}

	void release() {
		this.held.forEach(Held::release);
	}

	/**
	 * What a collection had.
	 *
	 * @param collection the collection
	 * @param field its field
	 * @param factory the value of the field
	 */
	private record Held(Object collection, Field field, Object factory) {

		void release() {
			try {
				this.field.set(this.collection, this.factory);
			}
			catch (IllegalAccessException ex) {
				throw new IllegalStateException("A collection of Hibernate can't be restored", ex);
			}
		}

	}

}
