package app.session.redis;

import java.util.HashMap;
import java.util.Map;

import org.junit.jupiter.api.Test;

import org.springframework.mock.web.MockHttpSession;
import org.springframework.session.MapSession;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class SessionAttributeTests {

	private static final SessionAttribute<Integer> VISITS = SessionAttribute.of("visits", Integer.class);

	@Test
	void httpSession_isReadAndWritten() {
		MockHttpSession session = new MockHttpSession();
		assertThat(VISITS.get(session::getAttribute)).isNull();
		VISITS.set(session::setAttribute, 1);
		assertThat(session.getAttribute("visits")).isEqualTo(1);
		assertThat(VISITS.update(session::getAttribute, session::setAttribute, (visits) -> visits + 1)).isEqualTo(2);
		assertThat(VISITS.get(session::getAttribute)).isEqualTo(2);
		VISITS.set(session::setAttribute, null);
		assertThat(session.getAttributeNames().hasMoreElements()).isFalse();
	}

	@Test
	void springSession_isReadAndWritten() {
		MapSession session = new MapSession();
		assertThat(VISITS.update(session, (visits) -> (visits != null) ? visits + 1 : 1)).isEqualTo(1);
		assertThat(VISITS.get(session)).isEqualTo(1);
		VISITS.set(session, null);
		assertThat(session.getAttributeNames()).isEmpty();
	}

	@Test
	void attributesOfAWebSession_areReadAndWritten() {
		Map<String, Object> attributes = new HashMap<>();
		VISITS.set(attributes::put, 3);
		assertThat(VISITS.get(attributes::get)).isEqualTo(3);
	}

	@Test
	void valueOfAnotherType_isNamedWithoutTheValue() {
		MapSession session = new MapSession();
		session.setAttribute("visits", "secret");
		assertThatExceptionOfType(ClassCastException.class).isThrownBy(() -> VISITS.get(session))
			.withMessage("The session attribute 'visits' is a java.lang.String, not a java.lang.Integer");
	}

	@Test
	void primitiveType_isRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> SessionAttribute.of("visits", int.class))
			.withMessageContaining("wrapper");
	}

}
