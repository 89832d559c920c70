package app.session.redis.sample;

import app.session.redis.sample.shop.Cart;
import jakarta.servlet.http.HttpServletRequest;

import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ModelAttribute;

/**
 * Model attributes for the header and the footer of every page.
 */
@ControllerAdvice(basePackageClasses = ShopApplication.class)
class PageModel {

	@ModelAttribute("cartSize")
	int cartSize(HttpServletRequest request) {
		return Cart.find(request).map(Cart::size).orElse(0);
	}

	/**
	 * Returns the port, which distinguishes two instances on one machine.
	 * @param request the current request
	 * @return the port on which it was accepted
	 */
	@ModelAttribute("instancePort")
	int instancePort(HttpServletRequest request) {
		return request.getLocalPort();
	}

}
