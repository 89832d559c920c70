package app.session.redis.sample.shop;

import java.util.List;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;

/**
 * The controller of the products page and the cart.
 */
@Controller
class ShopController {

	private final Catalogue catalogue;

	ShopController(Catalogue catalogue) {
		this.catalogue = catalogue;
	}

	@GetMapping("/")
	String products(Model model) {
		model.addAttribute("products", this.catalogue.all());
		return "products";
	}

	@GetMapping("/cart")
	String cart(HttpServletRequest request, Model model) {
		List<CartLine> lines = Cart.find(request).map((cart) -> CartLine.of(cart, this.catalogue)).orElse(List.of());
		model.addAttribute("lines", lines);
		model.addAttribute("total", CartLine.total(lines));
		model.addAttribute("maxQuantity", Cart.MAX_QUANTITY);
		return "cart";
	}

	@PostMapping("/cart/add")
	String add(@RequestParam("product") String productId, HttpSession session) {
		Product product = this.catalogue.find(productId)
			.orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
		Cart.in(session).add(product);
		return "redirect:/";
	}

	@PostMapping("/cart/change")
	String change(@RequestParam("product") String productId, @RequestParam("quantity") int quantity,
			HttpServletRequest request) {
		Cart.find(request).ifPresent((cart) -> cart.change(productId, quantity));
		return "redirect:/cart";
	}

	@PostMapping("/cart/remove")
	String remove(@RequestParam("product") String productId, HttpServletRequest request) {
		Cart.find(request).ifPresent((cart) -> cart.change(productId, 0));
		return "redirect:/cart";
	}

}
