package app.session.redis.autoconfigure.web;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import app.session.redis.test.Monitor;
import app.session.redis.test.RedisCluster;
import app.session.redis.test.RedisServer;
import app.session.redis.test.RequestCosts;
import app.session.redis.test.RequestCosts.Cost;
import app.session.redis.test.SharedRedis;
import app.session.redis.test.TcpProxy;
import io.lettuce.core.internal.HostAndPort;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DnsResolver;
import io.lettuce.core.resource.MappingSocketAddressResolver;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.session.data.redis.config.annotation.SpringSessionRedisConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests the cost of requests on a cluster, over the application's own connection: the
 * same as on one server, plus one round trip if hints are written before the session.
 */
class ClusterRequestCostsITests {

	private static final Map<Integer, TcpProxy> proxies = new LinkedHashMap<>();

	private static Monitor monitor;

	private static WebNode node;

	private static CountedRequests requests;

	@BeforeAll
	static void start() {
		RedisCluster cluster = SharedRedis.cluster();
		for (RedisServer primary : cluster.nodes()) {
			proxies.put(primary.port(), TcpProxy.to(primary));
		}
		monitor = Monitor.of(cluster);
		node = WebNode.start(List.of(WebTestApplication.class, ClusterConnection.class),
				List.of("app.session.redis.collector.enabled=false"));
		requests = new CountedRequests(node, new RequestCosts(monitor, List.copyOf(proxies.values()), 2));
		// every primary has the scripts after this
		for (int i = 0; i < 30; i++) {
			Browser browser = requests.withSession();
			browser.get("/write?value=warm");
			browser.logIn("ben");
			browser.logOut();
		}
	}

	@AfterAll
	static void stop() {
		node.close();
		monitor.close();
		proxies.values().forEach(TcpProxy::close);
		SharedRedis.cluster().flushAll();
	}

	@Test
	void requestsThatWriteNoHintsCostAsMuchAsOnOneServer() {
		assertCost(requests.readOnly(), 1, 1);
		assertCost(requests.changedAttribute(), 2, 2);
		assertCost(requests.noCookie(), 0, 0);
		assertCost(requests.cookie("no such id!"), 0, 0);
		assertCost(requests.cookie("A".repeat(59)), 1, 1);
		assertThat(requests.logOut()).extracting(Cost::roundTrips).isEqualTo(2);
		assertThat(requests.findByPrincipal(5)).extracting(Cost::roundTrips).isEqualTo(2);
	}

	@Test
	void requestsThatWriteHintsCostOneRoundTripMore() {
		assertThat(requests.newSession()).extracting(Cost::roundTrips).isEqualTo(2);
		assertThat(requests.newSessionWithPrincipal()).extracting(Cost::roundTrips).isEqualTo(2);
		assertThat(requests.logIn()).extracting(Cost::roundTrips).isEqualTo(3);
	}

	private static void assertCost(Cost cost, int commands, int roundTrips) {
		assertThat(cost.commands()).as(cost.toString()).hasSize(commands);
		assertThat(cost.roundTrips()).as(cost.toString()).isEqualTo(roundTrips);
	}

	/**
	 * A connection to the cluster through the proxies, regardless of the addresses that
	 * the nodes report.
	 */
	@TestConfiguration(proxyBeanMethods = false)
	static class ClusterConnection {

		@Bean(destroyMethod = "shutdown")
		ClientResources throughProxies() {
			return ClientResources.builder()
				.socketAddressResolver(MappingSocketAddressResolver.create(DnsResolver.unresolved(),
						(address) -> proxies.containsKey(address.getPort())
								? HostAndPort.of("127.0.0.1", proxies.get(address.getPort()).port()) : address))
				.build();
		}

		@Bean
		@SpringSessionRedisConnectionFactory
		LettuceConnectionFactory clusterConnection(ClientResources throughProxies) {
			return new LettuceConnectionFactory(new RedisClusterConfiguration(SharedRedis.cluster().seeds()),
					LettuceClientConfiguration.builder().clientResources(throughProxies).build());
		}

	}

}
