package app.session.redis.sample.shop;

import java.math.BigDecimal;
import java.util.List;

/**
 * A line of the cart page.
 *
 * @param product the product
 * @param quantity the quantity in the cart
 */
record CartLine(Product product, int quantity) {

	static List<CartLine> of(Cart cart, Catalogue catalogue) {
		return cart.quantities()
			.entrySet()
			.stream()
			.flatMap((entry) -> catalogue.find(entry.getKey())
				.map((product) -> new CartLine(product, entry.getValue()))
				.stream())
			.toList();
	}

	static BigDecimal total(List<CartLine> lines) {
		return lines.stream().map(CartLine::price).reduce(BigDecimal.ZERO, BigDecimal::add);
	}

	public BigDecimal price() {
		return this.product.price().multiply(BigDecimal.valueOf(this.quantity));
	}

}
