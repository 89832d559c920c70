package app.session.redis.autoconfigure.servlet;

import java.time.Duration;

import app.session.redis.autoconfigure.properties.RedisSessionProperties.Cookie;
import app.session.redis.servlet.StaySignedIn;

import org.springframework.boot.context.properties.PropertyMapper;
import org.springframework.boot.session.autoconfigure.DefaultCookieSerializerCustomizer;
import org.springframework.session.web.http.DefaultCookieSerializer;

/**
 * Overrides the settings that Spring Boot took from {@code server.servlet.session.cookie}
 * with {@code app.session.redis.cookie}.
 */
public final class RedisSessionCookieCustomizer implements DefaultCookieSerializerCustomizer {

	private final Cookie cookie;

	/**
	 * Creates the customizer.
	 * @param cookie the properties of the cookie
	 */
	public RedisSessionCookieCustomizer(Cookie cookie) {
		this.cookie = cookie;
	}

	@Override
	public void customize(DefaultCookieSerializer serializer) {
		serializer.setRememberMeRequestAttribute(StaySignedIn.COOKIE_ATTRIBUTE);
		PropertyMapper map = PropertyMapper.get();
		map.from(this.cookie::name).to(serializer::setCookieName);
		map.from(this.cookie::path).to(serializer::setCookiePath);
		map.from(this.cookie::domain).to(serializer::setDomainName);
		map.from(this.cookie::secure).to(serializer::setUseSecureCookie);
		map.from(this.cookie::httpOnly).to(serializer::setUseHttpOnlyCookie);
		map.from(this.cookie::sameSite).to((sameSite) -> serializer.setSameSite(sameSite.attributeValue()));
		map.from(this.cookie::partitioned).to(serializer::setPartitioned);
		map.from(this.cookie::maxAge).asInt(Duration::getSeconds).to(serializer::setCookieMaxAge);
	}

}
