package app.session.redis.sample;

import app.session.redis.sample.shop.Cart;
import jakarta.servlet.http.HttpServletRequest;

import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ModelAttribute;

/**
 * What the header and the footer of every page show.
 */
@ControllerAdvice(basePackageClasses = ShopApplication.class)
class PageModel {

	@ModelAttribute("cartSize")
	int cartSize(HttpServletRequest request) {
		return Cart.find(request).map(Cart::size).orElse(0);
	}

	/**
	 * The port tells two instances on one machine apart.
	 * @param request the request that this instance serves
	 * @return the port on which it was accepted
	 */
	@ModelAttribute("instancePort")
	int instancePort(HttpServletRequest request) {
		return request.getLocalPort();
	}

}
