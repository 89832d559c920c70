package app.session.redis;

import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;

import org.springframework.session.Session;

/**
 * A session attribute with a type: a constant that an application declares once and uses
 * wherever it reads or writes the attribute, instead of a name and a cast.
 *
 * <pre class="code">
 * static final SessionAttribute&lt;Cart&gt; CART = SessionAttribute.of("cart", Cart.class);
 *
 * Cart cart = CART.get(session::getAttribute);
 * CART.set(session::setAttribute, cart);
 * </pre>
 *
 * <p>
 * The methods take references to methods of the session, so they work with an
 * {@code HttpSession} and, with {@code session.getAttributes()::get} and {@code ::put},
 * with a {@code WebSession}. For the sessions of Spring Session, there are methods that
 * take the session. They send no commands: changes are saved with the session, as if they
 * had been made without this class. Immutable.
 *
 * @param <T> the type of the values
 */
public final class SessionAttribute<T> {

	private final String name;

	private final Class<T> type;

	private SessionAttribute(String name, Class<T> type) {
		this.name = Objects.requireNonNull(name, "The name of an attribute must not be null");
		this.type = Objects.requireNonNull(type, "The type of an attribute must not be null");
	}

	/**
	 * Creates a key.
	 * @param <T> the type of the values
	 * @param name the name of the attribute
	 * @param type the type of the values; not a primitive type
	 * @return the key
	 */
	public static <T> SessionAttribute<T> of(String name, Class<T> type) {
		if (type.isPrimitive()) {
			throw new IllegalArgumentException("The type of the attribute '" + name + "' is primitive: " + type
					+ ". Specify its wrapper class instead");
		}
		return new SessionAttribute<>(name, type);
	}

	/**
	 * Returns the name of the attribute.
	 * @return the name
	 */
	public String name() {
		return this.name;
	}

	/**
	 * Returns the value.
	 * @param getter returns the attribute with a name, such as
	 * {@code session::getAttribute}
	 * @return the value, or null if the session has no such attribute
	 * @throws ClassCastException if the attribute has a value of another type; the
	 * message contains the name and both types
	 */
	public @Nullable T get(Function<String, ? extends @Nullable Object> getter) {
		Object value = getter.apply(this.name);
		if (value == null || this.type.isInstance(value)) {
			return this.type.cast(value);
		}
		throw new ClassCastException("The session attribute '" + this.name + "' is a " + value.getClass().getName()
				+ ", not a " + this.type.getName());
	}

	/**
	 * Returns the value in a session.
	 * @param session the session
	 * @return the value, or null if the session has no such attribute
	 * @throws ClassCastException if the attribute has a value of another type
	 */
	public @Nullable T get(Session session) {
		return get(session::getAttribute);
	}

	/**
	 * Sets the value.
	 * @param setter sets the attribute with a name, such as {@code session::setAttribute}
	 * @param value the value; null is passed on, which removes the attribute from an
	 * {@code HttpSession}
	 */
	public void set(BiConsumer<String, @Nullable Object> setter, @Nullable T value) {
		setter.accept(this.name, value);
	}

	/**
	 * Sets the value in a session.
	 * @param session the session
	 * @param value the value; null to remove the attribute
	 */
	public void set(Session session, @Nullable T value) {
		set(session::setAttribute, value);
	}

	/**
	 * Replaces the value by another one that depends on it. Concurrent requests may
	 * replace it at the same time; lock the session if no replacement may be lost.
	 * @param getter returns the attribute with a name
	 * @param setter sets the attribute with a name
	 * @param update receives the present value, which is null if there is none, and
	 * returns the new one
	 * @return the new value
	 * @throws ClassCastException if the attribute has a value of another type
	 */
	public @Nullable T update(Function<String, ? extends @Nullable Object> getter,
			BiConsumer<String, @Nullable Object> setter, UnaryOperator<@Nullable T> update) {
		T updated = update.apply(get(getter));
		set(setter, updated);
		return updated;
	}

	/**
	 * Replaces the value in a session by another one that depends on it.
	 * @param session the session
	 * @param update receives the present value, which is null if there is none, and
	 * returns the new one
	 * @return the new value
	 * @throws ClassCastException if the attribute has a value of another type
	 */
	public @Nullable T update(Session session, UnaryOperator<@Nullable T> update) {
		return update(session::getAttribute, session::setAttribute, update);
	}

	@Override
	public String toString() {
		return this.name + " (" + this.type.getName() + ")";
	}

}
