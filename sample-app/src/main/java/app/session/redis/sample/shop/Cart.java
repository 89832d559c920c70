package app.session.redis.sample.shop;

import java.io.Serial;
import java.io.Serializable;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;

/**
 * The products that a visitor intends to buy. The cart is an attribute of the HTTP
 * session and is modified in place: no call of {@code setAttribute} follows
 * {@code cart.add("mug")}, because the session store detects at the end of the request
 * that the object has changed.
 * <p>
 * It contains the ids of products only. Names and prices belong to the catalogue and may
 * change in the meantime. The cart iterates over these ids, by which the session can be
 * found: the store indexes each element of an indexed attribute.
 */
public final class Cart implements Iterable<String>, Serializable {

	static final int MAX_QUANTITY = 99;

	@Serial
	private static final long serialVersionUID = 1L;

	private static final String ATTRIBUTE = "cart";

	// Ordered, for the visitor and so that equal carts have equal bytes
	private final LinkedHashMap<String, Integer> quantities = new LinkedHashMap<>();

	/**
	 * Finds the visitor's cart. Creates neither a session nor a cart.
	 * @param request the request
	 * @return the cart in the request's session, if there is one
	 */
	public static Optional<Cart> find(HttpServletRequest request) {
		return Optional.ofNullable(request.getSession(false))
			.map((session) -> session.getAttribute(ATTRIBUTE))
			.map(Cart.class::cast);
	}

	/**
	 * Finds the visitor's cart or adds an empty one to the session.
	 * @param session the session
	 * @return the cart in that session
	 */
	static Cart in(HttpSession session) {
		if (session.getAttribute(ATTRIBUTE) instanceof Cart cart) {
			return cart;
		}
		Cart cart = new Cart();
		session.setAttribute(ATTRIBUTE, cart);
		return cart;
	}

	void add(Product product) {
		this.quantities.merge(product.id(), 1, (old, one) -> Math.min(old + one, MAX_QUANTITY));
	}

	/**
	 * Changes the quantity of a product. A product that is not in the cart, for example
	 * because it was removed in another window, is not added.
	 * @param productId the product's id
	 * @param quantity the quantity; 0 or less removes the product
	 */
	void change(String productId, int quantity) {
		if (quantity <= 0) {
			this.quantities.remove(productId);
		}
		else {
			this.quantities.replace(productId, Math.min(quantity, MAX_QUANTITY));
		}
	}

	@Override
	public Iterator<String> iterator() {
		return quantities().keySet().iterator();
	}

	Map<String, Integer> quantities() {
		return Collections.unmodifiableMap(this.quantities);
	}

	/**
	 * Returns the number of items.
	 * @return the sum of all quantities
	 */
	public int size() {
		return this.quantities.values().stream().mapToInt(Integer::intValue).sum();
	}

}
