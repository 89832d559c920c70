package app.session.redis;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import app.session.redis.codec.CompressionAlgorithm;
import app.session.redis.codec.ValueForm;
import app.session.redis.servlet.TestRepositories;
import app.session.redis.servlet.TestRepositories.Node;
import app.session.redis.session.StoredSession;
import app.session.redis.test.RedisServer;
import app.session.redis.test.SharedRedis;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.test.agent.EnabledIfRuntimeHintsAgent;
import org.springframework.aot.test.agent.RuntimeHintsInvocations;
import org.springframework.aot.test.agent.RuntimeHintsRecorder;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContextImpl;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that hints for native images cover the reflection and resources of the library.
 * Runs with an agent that records them.
 */
@EnabledIfRuntimeHintsAgent
@SuppressWarnings("removal") // GraalVM's own agent, which is to replace it, needs GraalVM
class RuntimeHintsAgentITests {

	@ParameterizedTest
	@EnumSource
	void reflectionOfTheLibrary_isCoveredByHints(ValueForm form) {
		RedisServer server = SharedRedis.standalone();
		server.flushAll();
		RuntimeHintsInvocations invocations = RuntimeHintsRecorder.record(() -> use(server, form));
		assertThat(invocations).withSpringFactoriesRegistrars("META-INF/spring/aot.factories")
			.match(new RuntimeHints());
	}

	private static void use(RedisServer server, ValueForm form) {
		try (TestRepositories repositories = TestRepositories.on(server)) {
			Node node = node(repositories, form);
			StoredSession session = node.repository().createSession();
			session.setAttribute("SPRING_SECURITY_CONTEXT", new SecurityContextImpl(UsernamePasswordAuthenticationToken
				.authenticated("alice", null, AuthorityUtils.createAuthorityList("ROLE_USER"))));
			session.setAttribute("cart", new LinkedHashMap<>(Map.of("mug", 2)));
			session.setAttribute("text", "long ".repeat(2000));
			node.repository().save(session);
			StoredSession read = node(repositories, form).repository().findById(session.getId());
			assertThat(read.<Object>getAttribute("SPRING_SECURITY_CONTEXT")).isInstanceOf(SecurityContextImpl.class);
			assertThat(read.<Object>getAttribute("cart")).isEqualTo(Map.of("mug", 2));
			read.setAttribute("list", new ArrayList<>(List.of(1, 2)));
			node.repository().save(read);
			assertThat(node.repository().findByPrincipalName("alice")).hasSize(1);
			assertThat(node.repository().operations().types(session.getHandle())).containsKey("cart");
			node.repository().deleteById(session.getId());
		}
	}

	private static Node node(TestRepositories repositories, ValueForm form) {
		return repositories.node((settings) -> settings.valueForm(form).compression(CompressionAlgorithm.LZ4, 1024));
	}

}
