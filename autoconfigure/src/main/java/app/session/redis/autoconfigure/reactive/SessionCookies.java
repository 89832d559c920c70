package app.session.redis.autoconfigure.reactive;

import java.time.Duration;

import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.PropertyMapper;
import org.springframework.boot.web.server.Cookie;
import org.springframework.http.ResponseCookie.ResponseCookieBuilder;
import org.springframework.web.server.session.CookieWebSessionIdResolver;

/**
 * Session cookies with the settings of {@code server.reactive.session.cookie}, overridden
 * by those of {@code app.session.redis.cookie}.
 */
final class SessionCookies extends CookieWebSessionIdResolver {

	private final Cookie boot;

	private final RedisSessionProperties.Cookie own;

	SessionCookies(Cookie boot, RedisSessionProperties.Cookie own) {
		this.boot = boot;
		this.own = own;
		PropertyMapper map = PropertyMapper.get();
		map.from(boot::getName).whenHasText().to(this::setCookieName);
		map.from(own::name).to(this::setCookieName);
		addCookieInitializer(this::initialize);
	}

	private void initialize(ResponseCookieBuilder builder) {
		PropertyMapper map = PropertyMapper.get();
		map.from(this.boot::getDomain).to(builder::domain);
		map.from(this.own::domain).to(builder::domain);
		map.from(this.boot::getPath).to(builder::path);
		map.from(this.own::path).to(builder::path);
		map.from(this.boot::getHttpOnly).to(builder::httpOnly);
		map.from(this.own::httpOnly).to(builder::httpOnly);
		map.from(this.boot::getSecure).to(builder::secure);
		map.from(this.own::secure).to(builder::secure);
		map.from(this.boot::getPartitioned).to(builder::partitioned);
		map.from(this.own::partitioned).to(builder::partitioned);
		map.from(this.boot::getSameSite).to((sameSite) -> builder.sameSite(sameSite.attributeValue()));
		map.from(this.own::sameSite).to((sameSite) -> builder.sameSite(sameSite.attributeValue()));
		map.from(this::maxAge).to(builder::maxAge);
	}

	/** Returns the maximum age of cookies, or null if they have none. */
	@Nullable Duration maxAge() {
		Duration maxAge = this.own.maxAge();
		return (maxAge != null) ? maxAge : this.boot.getMaxAge();
	}

}
