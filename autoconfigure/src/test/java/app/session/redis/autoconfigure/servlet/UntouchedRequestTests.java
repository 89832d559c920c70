package app.session.redis.autoconfigure.servlet;

import java.util.Collections;

import org.junit.jupiter.api.Test;

import org.springframework.mock.web.MockHttpServletRequest;

import static org.assertj.core.api.Assertions.assertThat;

class UntouchedRequestTests {

	private final MockHttpServletRequest request = new MockHttpServletRequest();

	private final UntouchedRequest untouched = new UntouchedRequest(this.request);

	@Test
	void attributes_areSeenAndStayAsTheyWere() {
		this.request.setAttribute("kept", 1);
		this.request.setAttribute("replaced", 1);
		this.request.setAttribute("removed", 1);
		this.untouched.setAttribute("replaced", 2);
		this.untouched.setAttribute("added", 2);
		this.untouched.removeAttribute("removed");
		assertThat(this.untouched.getAttribute("kept")).isEqualTo(1);
		assertThat(this.untouched.getAttribute("replaced")).isEqualTo(2);
		assertThat(this.untouched.getAttribute("added")).isEqualTo(2);
		assertThat(this.untouched.getAttribute("removed")).isNull();
		assertThat(Collections.list(this.untouched.getAttributeNames())).containsExactlyInAnyOrder("kept", "replaced",
				"added");
		assertThat(Collections.list(this.request.getAttributeNames())).containsExactlyInAnyOrder("kept", "replaced",
				"removed");
		assertThat(this.request.getAttribute("replaced")).isEqualTo(1);
	}

}
