package app.session.redis.autoconfigure.connection;

import java.time.Duration;

import app.session.redis.autoconfigure.ContextRunners;
import app.session.redis.autoconfigure.startup.RedisSessionConnection;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.ReadFrom;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.protocol.ProtocolVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.data.redis.autoconfigure.LettuceClientConfigurationBuilderCustomizer;
import org.springframework.boot.data.redis.autoconfigure.LettuceClientOptionsBuilderCustomizer;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.RedisStaticMasterReplicaConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests which settings of the application's own Redis client apply to the session client.
 */
@ExtendWith(OutputCaptureExtension.class)
class DataRedisSettingsTests {

	private final WebApplicationContextRunner contextRunner = ContextRunners.noRedis();

	@Test
	void customizerOfOptions_isAppliedBeforeTheOptionsThatRequestsRelyOn() {
		this.contextRunner.withUserConfiguration(CustomizersConfiguration.class).run((context) -> {
			ClientOptions options = options(context);
			assertThat(options.getConfiguredProtocolVersion()).isEqualTo(ProtocolVersion.RESP2);
			assertThat(options.isAutoReconnect()).isTrue();
			assertThat(options.getDisconnectedBehavior()).isEqualTo(DisconnectedBehavior.REJECT_COMMANDS);
			assertThat(options.getRequestQueueSize()).isEqualTo(LettuceClientFactory.REQUEST_QUEUE_SIZE);
			assertThat(options.getTimeoutOptions().isTimeoutCommands()).isTrue();
			assertThat(options.getSocketOptions().getConnectTimeout()).isEqualTo(Duration.ofSeconds(2));
		});
	}

	@Test
	void customizerOfOptions_isAppliedToAClusterWhoseTopologyIsStillRefreshed() {
		this.contextRunner.withUserConfiguration(CustomizersConfiguration.class)
			.withPropertyValues("app.session.redis.mode=cluster", "app.session.redis.hosts=one,two")
			.run((context) -> {
				assertThat(options(context)).isInstanceOf(ClusterClientOptions.class);
				ClusterClientOptions options = (ClusterClientOptions) options(context);
				assertThat(options.getConfiguredProtocolVersion()).isEqualTo(ProtocolVersion.RESP2);
				assertThat(options.getTopologyRefreshOptions().isPeriodicRefreshEnabled()).isTrue();
				assertThat(options.getMaxRedirects()).isEqualTo(5);
				assertThat(options.isValidateClusterNodeMembership()).isFalse();
			});
	}

	@Test
	void customizerOfTheConfiguration_isReportedAsWithoutEffect(CapturedOutput output) {
		this.contextRunner.withUserConfiguration(CustomizersConfiguration.class).run((context) -> {
			assertThat(session(context).getClientConfiguration().isUseSsl()).isFalse();
			assertThat(session(context).getClientConfiguration().getReadFrom()).isEmpty();
			assertThat(output)
				.contains("The LettuceClientConfigurationBuilderCustomizer bean 'configurationCustomizer' has no "
						+ "effect on the client for sessions");
		});
	}

	@ParameterizedTest
	@CsvSource({ "client-name,shop,client-name", "timeout,5s,command-timeout", "connect-timeout,5s,connect-timeout",
			"lettuce.read-from,replica,read-from", "lettuce.pool.max-active,5,pool.max-total",
			"lettuce.cluster.refresh.period,5s,cluster.refresh-period" })
	void propertyOfTheApplicationsClient_isReportedWithItsReplacement(String name, String value, String replacement,
			CapturedOutput output) {
		this.contextRunner.withPropertyValues("spring.data.redis." + name + "=" + value)
			.run((context) -> assertThat(output).contains("The property 'spring.data.redis." + name
					+ "' has no effect on the client for sessions. Use 'app.session.redis." + replacement + "'"));
	}

	@Test
	void propertyWithoutAReplacement_isReported(CapturedOutput output) {
		this.contextRunner.withPropertyValues("spring.data.redis.lettuce.shutdown-timeout=1s")
			.run((context) -> assertThat(output)
				.contains("'spring.data.redis.lettuce.shutdown-timeout' has no effect on the client for sessions."));
	}

	@Test
	void propertyOfAnotherRedis_isNotReported(CapturedOutput output) {
		this.contextRunner
			.withPropertyValues("app.session.redis.host=sessions", "spring.data.redis.client-name=shop",
					"spring.data.redis.timeout=5s")
			.run((context) -> assertThat(output).doesNotContain("has no effect"));
	}

	@Test
	void nothingSet_nothingIsReported(CapturedOutput output) {
		this.contextRunner.run((context) -> assertThat(output).doesNotContain("has no effect"));
	}

	@ParameterizedTest
	@CsvSource({ "localhost:7100,port,hosts", "[::1]:7100,port,hosts", "one:,port,hosts", "'one,two',hosts,hosts",
			"'one:1,two:2',hosts,hosts" })
	void hostThatIsNone_failsNamingThePropertyToUse(String host, String one, String other) {
		this.contextRunner.withPropertyValues("app.session.redis.host=" + host)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(InvalidConfigurationPropertyValueException.class, (ex) -> {
					assertThat(ex.getName()).isEqualTo("app.session.redis.host");
					assertThat(ex.getReason()).contains("'app.session.redis." + one + "'",
							"'app.session.redis." + other + "'");
				}));
	}

	@Test
	void hostThatIsAUrl_failsWithoutShowingItsPassword() {
		this.contextRunner.withPropertyValues("app.session.redis.host=redis://:secret@one:6379")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("app.session.redis.host")
				.hasMessageContaining("'app.session.redis.url'")
				.hasMessageNotContaining("secret"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "::1", "[::1]" })
	void hostThatIsAnIpv6Address_isTaken(String host) {
		this.contextRunner.withPropertyValues("app.session.redis.host=" + host)
			.run((context) -> assertThat(session(context).getHostName()).isEqualTo("::1"));
	}

	@Test
	void primaryAndReplicasOfTheApplication_areUsed() {
		this.contextRunner
			.withPropertyValues("spring.data.redis.masterreplica.nodes=one:7000,two:7001",
					"spring.data.redis.username=shop", "spring.data.redis.password=secret")
			.run((context) -> {
				assertThat(session(context)).isInstanceOfSatisfying(ReplicatedConnectionFactory.class,
						(replicated) -> assertThat(replicated.nodes()).extracting(HostAndPort::toString)
							.containsExactly("one:7000", "two:7001"));
				assertThat(session(context).getPassword()).isEqualTo("secret");
			});
	}

	@Test
	void beanOfPrimaryAndReplicas_isUsed() {
		this.contextRunner.withUserConfiguration(ReplicasConfiguration.class)
			.run((context) -> assertThat(session(context)).isInstanceOfSatisfying(ReplicatedConnectionFactory.class,
					(replicated) -> assertThat(replicated.nodes()).hasSize(2)));
	}

	private static ClientOptions options(ApplicationContext context) {
		return session(context).getClientConfiguration().getClientOptions().orElseThrow();
	}

	private static LettuceConnectionFactory session(ApplicationContext context) {
		return (LettuceConnectionFactory) context.getBean(RedisSessionConnection.class).getConnectionFactory();
	}

	@Configuration(proxyBeanMethods = false)
	static class CustomizersConfiguration {

		@Bean
		LettuceClientOptionsBuilderCustomizer optionsCustomizer() {
			return (builder) -> {
				builder.protocolVersion(ProtocolVersion.RESP2)
					.autoReconnect(false)
					.disconnectedBehavior(DisconnectedBehavior.ACCEPT_COMMANDS)
					.requestQueueSize(7)
					.timeoutOptions(TimeoutOptions.builder().timeoutCommands(false).build());
				if (builder instanceof ClusterClientOptions.Builder cluster) {
					cluster.maxRedirects(99)
						.validateClusterNodeMembership(false)
						.topologyRefreshOptions(ClusterTopologyRefreshOptions.builder().build());
				}
			};
		}

		@Bean
		LettuceClientConfigurationBuilderCustomizer configurationCustomizer() {
			return (builder) -> builder.readFrom(ReadFrom.REPLICA).useSsl();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ReplicasConfiguration {

		@Bean
		RedisStaticMasterReplicaConfiguration replicas() {
			RedisStaticMasterReplicaConfiguration configuration = new RedisStaticMasterReplicaConfiguration("one",
					7000);
			configuration.addNode("two", 7001);
			return configuration;
		}

	}

}
