package app.session.redis.servlet;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

import app.session.redis.SessionId;
import app.session.redis.session.SentIdValues;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import org.jspecify.annotations.Nullable;

import org.springframework.session.web.http.CookieSerializer;

/**
 * Also accepts cookies that contain the id itself, as reactive applications send it, if
 * the serializer expects Base64. Sends cookies as the serializer does.
 *
 * @param serializer the serializer
 */
public record RawIdCookies(CookieSerializer serializer) implements CookieSerializer {

	@Override
	public List<String> readCookieValues(HttpServletRequest request) {
		List<String> ids = this.serializer.readCookieValues(request);
		Cookie[] cookies = request.getCookies();
		Cookie[] encoded = (cookies != null) ? encoded(cookies) : null;
		if (encoded == null) {
			return ids;
		}
		List<String> all = new ArrayList<>(ids);
		for (String id : this.serializer.readCookieValues(new WithCookies(request, encoded))) {
			if (SessionId.parse(id) != null && !all.contains(id)) {
				all.add(id);
			}
		}
		return all;
	}

	/** Encodes the cookies that contain an id; null if there are none. */
	private static Cookie @Nullable [] encoded(Cookie[] cookies) {
		List<Cookie> encoded = new ArrayList<>(1);
		for (Cookie cookie : cookies) {
			if (SentIdValues.isRaw(cookie.getValue())) {
				encoded.add(new Cookie(cookie.getName(),
						Base64.getEncoder().encodeToString(cookie.getValue().getBytes(StandardCharsets.UTF_8))));
			}
		}
		return encoded.isEmpty() ? null : encoded.toArray(Cookie[]::new);
	}

	@Override
	public void writeCookieValue(CookieValue cookieValue) {
		this.serializer.writeCookieValue(cookieValue);
	}

	private static final class WithCookies extends HttpServletRequestWrapper {

		private final Cookie[] cookies;

		WithCookies(HttpServletRequest request, Cookie[] cookies) {
			super(request);
			this.cookies = cookies;
		}

		@Override
		public Cookie[] getCookies() {
			return this.cookies.clone();
		}

	}

}
