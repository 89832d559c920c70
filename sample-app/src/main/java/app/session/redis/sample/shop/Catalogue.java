package app.session.redis.sample.shop;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

import org.springframework.stereotype.Component;

/**
 * The products of the shop.
 */
@Component
class Catalogue {

	private final List<Product> products = List.of(
			product("mug", "Stoneware mug", "Holds 350 ml, and the heat.", "14.50"),
			product("notebook", "Dotted notebook", "192 pages that lie flat.", "11.90"),
			product("pencil", "Cedar pencils", "A dozen, sharpened.", "8.40"),
			product("lamp", "Desk lamp", "Warm light, three levels.", "49.00"),
			product("backpack", "Canvas backpack", "18 litres, for a laptop and lunch.", "79.00"),
			product("headphones", "Headphones", "Over the ear, with a cable.", "64.90"),
			product("plant", "Snake plant", "Thrives where others give up.", "22.00"),
			product("clock", "Wall clock", "Silent, 25 cm across.", "31.50"));

	List<Product> all() {
		return this.products;
	}

	Optional<Product> find(String id) {
		return this.products.stream().filter((product) -> product.id().equals(id)).findFirst();
	}

	private static Product product(String id, String name, String description, String price) {
		return new Product(id, name, description, new BigDecimal(price));
	}

}
