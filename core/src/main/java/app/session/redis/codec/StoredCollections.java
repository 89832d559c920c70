package app.session.redis.codec;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Prevents Hibernate's collections from loading while they are read, and restores them
 * afterwards. Hashing the elements of a collection initializes it, which opens a
 * connection if {@code hibernate.enable_lazy_load_no_trans} is set or the stored bytes
 * claim that it is.
 */
final class StoredCollections {

	private static final String PACKAGE = "org.hibernate.collection.spi.";

	private static final String BASE = PACKAGE + "AbstractPersistentCollection";

	private final List<Held> held = new ArrayList<>(0);

	static boolean isOne(Object object) {
		return object.getClass().getName().startsWith(PACKAGE);
	}

	/**
	 * Removes the reference by which a collection finds its session factory.
	 * @throws IllegalStateException if this is not possible with the present version of
	 * Hibernate
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
			throw new IllegalStateException("A Hibernate collection can't be prevented from loading", ex);
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
					throw new IllegalStateException("A Hibernate collection can't be prevented from loading", ex);
				}
			}
		}
		return null;
	}

	void release() {
		this.held.forEach(Held::release);
	}

	/**
	 * The original reference of a collection.
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
				throw new IllegalStateException("A Hibernate collection can't be restored", ex);
			}
		}

	}

}
