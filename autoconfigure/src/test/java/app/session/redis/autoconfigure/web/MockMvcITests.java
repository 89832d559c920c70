package app.session.redis.autoconfigure.web;

import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import jakarta.servlet.http.Cookie;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.mock.web.MockHttpSession;
import org.springframework.session.web.http.SessionRepositoryFilter;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.MvcResult;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.asyncDispatch;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.cookie;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.request;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

/**
 * An application's tests with MockMvc, which put the filter in front of its handlers.
 */
class MockMvcITests {

	private static final RedisServer server = SharedRedis.standalone();

	private static WebNode node;

	private static MockMvc mvc;

	@BeforeAll
	static void start() {
		server.flushAll();
		node = WebNode.start(server, "app.session.redis.collector.enabled=false");
		mvc = MockMvcBuilders.webAppContextSetup(node.context())
			.addFilters(node.bean(SessionRepositoryFilter.class))
			.build();
	}

	@AfterAll
	static void stop() {
		node.close();
		server.flushAll();
	}

	@Test
	void attributeOfTheTest_isInTheSession() throws Exception {
		mvc.perform(get("/read").sessionAttr("name", "test"))
			.andExpect(content().string("test null"))
			.andExpect(request().sessionAttribute("name", "test"))
			.andExpect(cookie().doesNotExist("SESSION"));
	}

	@Test
	void sessionOfTheTest_isUsed() throws Exception {
		MockHttpSession session = new MockHttpSession();
		mvc.perform(get("/write").param("value", "x").session(session)).andExpect(content().string("x"));
		assertThat(session.getAttribute("name")).isEqualTo("x");
		assertThat(server.keys()).isEmpty();
	}

	@Test
	void asynchronousRequests_areDispatched() throws Exception {
		MvcResult started = mvc.perform(get("/callable")).andExpect(request().asyncStarted()).andReturn();
		mvc.perform(asyncDispatch(started)).andExpect(status().isOk());
		server.flushAll();
	}

	@Test
	void otherRequests_useRedis() throws Exception {
		Cookie cookie = mvc.perform(get("/write").param("value", "x"))
			.andExpect(cookie().exists("SESSION"))
			.andReturn()
			.getResponse()
			.getCookie("SESSION");
		mvc.perform(get("/read").cookie(cookie)).andExpect(content().string("x null"));
		server.flushAll();
	}

}
