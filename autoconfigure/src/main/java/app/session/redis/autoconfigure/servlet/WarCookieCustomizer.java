package app.session.redis.autoconfigure.servlet;

import java.time.Duration;

import jakarta.servlet.ServletContext;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.session.autoconfigure.DefaultCookieSerializerCustomizer;
import org.springframework.boot.web.server.Cookie.SameSite;
import org.springframework.core.Ordered;
import org.springframework.session.web.http.DefaultCookieSerializer;

/**
 * Restores the secure defaults of the cookie in a WAR deployment. There, Spring Boot
 * takes the cookie's attributes from the servlet container, which doesn't distinguish an
 * attribute that was never set from one that is {@code false}.
 */
public final class WarCookieCustomizer implements DefaultCookieSerializerCustomizer, Ordered {

	private final ServletContext servletContext;

	/**
	 * Creates the customizer.
	 * @param servletContext the servlet context
	 */
	public WarCookieCustomizer(ServletContext servletContext) {
		this.servletContext = servletContext;
	}

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

	@Override
	public void customize(DefaultCookieSerializer serializer) {
		serializer.setUseHttpOnlyCookie(true);
		if (this.servletContext.getSessionCookieConfig().getAttribute("SameSite") == null) {
			serializer.setSameSite(SameSite.LAX.attributeValue());
		}
	}

	/**
	 * Returns the maximum age of the cookie, which {@code web.xml} or an initializer can
	 * set.
	 * @return the maximum age, or null if the cookie lasts as long as the browser runs
	 */
	@Nullable Duration maxAge() {
		int seconds = this.servletContext.getSessionCookieConfig().getMaxAge();
		return (seconds > 0) ? Duration.ofSeconds(seconds) : null;
	}

}
