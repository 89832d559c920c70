package app.session.redis.sample.shop;

import java.math.BigDecimal;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class CartTests {

	private final Catalogue catalogue = new Catalogue();

	private final Cart cart = new Cart();

	@Test
	void countsAndSumsWhatWasAdded() {
		add("mug");
		add("lamp");
		add("mug");
		assertThat(this.cart.size()).isEqualTo(3);
		assertThat(CartLine.total(CartLine.of(this.cart, this.catalogue))).isEqualTo(new BigDecimal("78.00"));
	}

	@Test
	void removesWhatIsChangedToNothing() {
		add("mug");
		this.cart.change("mug", 0);
		assertThat(this.cart.quantities()).isEmpty();
	}

	@Test
	void capsQuantities() {
		add("mug");
		this.cart.change("mug", Integer.MAX_VALUE);
		add("mug");
		assertThat(this.cart.size()).isEqualTo(Cart.MAX_QUANTITY);
	}

	@Test
	void changesOnlyWhatIsInIt() {
		this.cart.change("mug", 3);
		assertThat(this.cart.quantities()).isEmpty();
	}

	private void add(String productId) {
		this.cart.add(this.catalogue.find(productId).orElseThrow());
	}

}
