package app.session.redis.autoconfigure.connection;

import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

import app.session.redis.autoconfigure.ContextRunners;
import app.session.redis.autoconfigure.docker.ComposeService;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties;
import app.session.redis.autoconfigure.startup.RedisUnreachableFailureAnalyzer;
import app.session.redis.test.RedisServer;
import io.lettuce.core.resource.DefaultClientResources;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.pem.PemSslStoreBundle;
import org.springframework.boot.ssl.pem.PemSslStoreDetails;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests encrypted connections to a server that requires them.
 */
@ExtendWith(OutputCaptureExtension.class)
class SessionConnectionTlsTests {

	private static final String PASSWORD = "not-a-secret";

	@TempDir
	static Path directory;

	private static Path certificate;

	private static Path otherCertificate;

	private static RedisServer server;

	private static int port;

	@BeforeAll
	static void start() throws Exception {
		certificate = createCertificate("server");
		otherCertificate = createCertificate("other");
		server = tlsServer("no");
	}

	/** A server that encrypts at {@link #port}. */
	private static RedisServer tlsServer(String authClients) throws IOException {
		try (ServerSocket socket = new ServerSocket(0)) {
			port = socket.getLocalPort();
		}
		return RedisServer.builder()
			.option("bind", "127.0.0.1", "127.0.0.2")
			.option("tls-port", Integer.toString(port))
			.option("tls-cert-file", certificate.toString())
			.option("tls-key-file", directory.resolve("server.key").toString())
			.option("tls-ca-cert-file", certificate.toString())
			.option("tls-auth-clients", authClients)
			.start();
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@Test
	void bundleThatTrustsTheServer_connects() {
		ContextRunners.application()
			.withPropertyValues("app.session.redis.host=127.0.0.1", "app.session.redis.port=" + port,
					"app.session.redis.ssl.bundle=redis",
					"spring.ssl.bundle.pem.redis.truststore.certificate=" + certificate.toUri())
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void bundleOfDataRedis_connects() {
		ContextRunners.application()
			.withPropertyValues("spring.data.redis.host=127.0.0.1", "spring.data.redis.port=" + port,
					"spring.data.redis.ssl.enabled=true", "spring.data.redis.ssl.bundle=redis",
					"spring.ssl.bundle.pem.redis.truststore.certificate=" + certificate.toUri())
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void bundleOfConnectionDetails_connectsAlsoWhenReloaded() {
		AtomicReference<SslBundle> bundle = new AtomicReference<>(bundle(otherCertificate));
		ContextRunners.noRedis()
			.withBean(RedisSessionConnectionDetails.class, () -> new RedisSessionConnectionDetails() {

				@Override
				public RedisConfiguration getConfiguration() {
					return new RedisStandaloneConfiguration("127.0.0.1", port);
				}

				@Override
				public SslBundle getSslBundle() {
					return bundle.get();
				}

			})
			.run((context) -> {
				LettuceConnectionFactory factory = context.getBean("redisSessionConnectionFactory",
						LettuceConnectionFactory.class);
				assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> ping(factory));
				bundle.set(bundle(certificate));
				assertThat(ping(factory)).isEqualTo("PONG");
			});
	}

	@Test
	void bundleOfComposeService_connects() {
		ContextRunners.application()
			.withInitializer(ComposeService.started(ComposeService.of("redis:7.0.15", port,
					Map.of("org.springframework.boot.service-connection", "session-redis",
							"org.springframework.boot.sslbundle.pem.truststore.certificate",
							certificate.toUri().toString()))))
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void serverThatIsNotTrusted_failsSayingSo() {
		ContextRunners.application()
			.withPropertyValues("app.session.redis.url=rediss://127.0.0.1:" + port)
			.run((context) -> {
				FailureAnalysis analysis = analyze(context.getStartupFailure());
				assertThat(analysis.getDescription()).contains("was not issued by a trusted authority");
				assertThat(analysis.getAction()).contains("'app.session.redis.ssl.bundle'");
			});
	}

	@Test
	void nothingVerified_connectsAndWarns(CapturedOutput output) {
		ContextRunners.application()
			.withPropertyValues("app.session.redis.url=rediss://127.0.0.1:" + port,
					"app.session.redis.ssl.verify-peer=none")
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).contains("'app.session.redis.ssl.verify-peer' is 'none'");
	}

	@Test
	void certificateOfAnotherHost_failsSayingSo() {
		trusting("127.0.0.2").run((context) -> {
			FailureAnalysis analysis = analyze(context.getStartupFailure());
			assertThat(analysis.getDescription()).contains("is for another host name");
			assertThat(analysis.getAction()).contains("'app.session.redis.ssl.host'");
		});
	}

	@Test
	void certificateOfAnotherHostAndOnlyItsIssuerVerified_connects() {
		trusting("127.0.0.2").withPropertyValues("app.session.redis.ssl.verify-peer=ca")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void issuerVerifiedAndNotTrusted_fails() {
		ContextRunners.application()
			.withPropertyValues("app.session.redis.url=rediss://127.0.0.1:" + port,
					"app.session.redis.ssl.verify-peer=ca")
			.run((context) -> assertThat(analyze(context.getStartupFailure()).getDescription())
				.contains("was not issued by a trusted authority"));
	}

	@Test
	void nameToVerifyInThePlaceOfTheAddress_connects() {
		trusting("127.0.0.2").withPropertyValues("app.session.redis.ssl.host=redis.example.com")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void nameToVerifyThatTheCertificateLacks_failsThoughItHasTheAddress() {
		trusting("127.0.0.1").withPropertyValues("app.session.redis.ssl.host=other.example.com")
			.run((context) -> assertThat(analyze(context.getStartupFailure()).getDescription())
				.contains("is for another host name"));
	}

	@Test
	void nameAndOnlyTheIssuerOrNothingVerified_connects() {
		trusting("127.0.0.2")
			.withPropertyValues("app.session.redis.ssl.host=other.example.com", "app.session.redis.ssl.verify-peer=ca")
			.run((context) -> assertThat(context).hasNotFailed());
		ContextRunners.application()
			.withPropertyValues("app.session.redis.url=rediss://127.0.0.1:" + port,
					"app.session.redis.ssl.host=other.example.com", "app.session.redis.ssl.verify-peer=none")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void certificateOfTheClientDemandedAndGiven_connects() throws IOException {
		int before = port;
		try (RedisServer demanding = tlsServer("yes")) {
			trusting("127.0.0.1")
				.withPropertyValues("spring.ssl.bundle.pem.redis.keystore.certificate=" + certificate.toUri(),
						"spring.ssl.bundle.pem.redis.keystore.private-key=" + directory.resolve("server.key").toUri())
				.run((context) -> assertThat(context).hasNotFailed());
		}
		finally {
			port = before;
		}
	}

	@Test
	void certificateOfTheClientDemandedAndNotGiven_failsSayingSo() throws IOException {
		int before = port;
		try (RedisServer demanding = tlsServer("yes")) {
			trusting("127.0.0.1").withPropertyValues("app.session.redis.connect-retries=0").run((context) -> {
				FailureAnalysis analysis = analyze(context.getStartupFailure());
				assertThat(analysis.getDescription()).contains("requires a client certificate");
				assertThat(analysis.getAction()).contains("key store");
			});
		}
		finally {
			port = before;
		}
	}

	@Test
	void startTls_isPassedOn() {
		ContextRunners.noRedis()
			.withPropertyValues("app.session.redis.url=rediss://127.0.0.1:" + port,
					"app.session.redis.ssl.start-tls=true")
			.run((context) -> assertThat(
					context.getBean("redisSessionConnectionFactory", LettuceConnectionFactory.class).isStartTls())
				.isTrue());
	}

	private static WebApplicationContextRunner trusting(String host) {
		return ContextRunners.application()
			.withPropertyValues("app.session.redis.host=" + host, "app.session.redis.port=" + port,
					"app.session.redis.ssl.bundle=redis",
					"spring.ssl.bundle.pem.redis.truststore.certificate=" + certificate.toUri());
	}

	private static FailureAnalysis analyze(Throwable failure) {
		FailureAnalysis analysis = new RedisUnreachableFailureAnalyzer().analyze(failure);
		assertThat(analysis).as("analysis of %s", failure).isNotNull();
		return analysis;
	}

	@Test
	void noEncryptionWhereItIsDemanded_failsSayingSo() {
		ContextRunners.application()
			.withPropertyValues("app.session.redis.url=redis://127.0.0.1:" + port,
					"app.session.redis.connect-retries=0")
			.run((context) -> {
				var analysis = new RedisUnreachableFailureAnalyzer().analyze(context.getStartupFailure());
				assertThat(analysis).isNotNull();
				assertThat(analysis.getAction()).contains("'rediss://'");
			});
	}

	@Test
	void reloadedBundle_servesNewConnections() {
		AtomicReference<SslBundle> bundle = new AtomicReference<>(bundle(otherCertificate));
		DefaultClientResources resources = DefaultClientResources.create();
		RedisSessionConnectionProperties properties = new Binder(List.of()).bindOrCreate("app.session.redis",
				RedisSessionConnectionProperties.class);
		LettuceConnectionFactory factory = new LettuceClientFactory(properties, resources, null, List.of())
			.connectionFactory(new ConnectionTarget(new RedisStandaloneConfiguration("127.0.0.1", port), bundle::get));
		try {
			factory.afterPropertiesSet();
			assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> ping(factory));
			bundle.set(bundle(certificate));
			assertThat(ping(factory)).isEqualTo("PONG");
		}
		finally {
			factory.destroy();
			resources.shutdown().awaitUninterruptibly();
		}
	}

	private static String ping(LettuceConnectionFactory factory) {
		try (RedisConnection connection = factory.getConnection()) {
			return connection.ping();
		}
	}

	private static SslBundle bundle(Path trusted) {
		return SslBundle.of(new PemSslStoreBundle(null, PemSslStoreDetails.forCertificate(trusted.toUri().toString())));
	}

	private static Path createCertificate(String name) throws Exception {
		Path store = directory.resolve(name + ".p12");
		Process keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
				"-genkeypair", "-alias", name, "-keyalg", "RSA", "-keysize", "2048", "-validity", "2", "-dname",
				"CN=" + name, "-ext", "san=ip:127.0.0.1,dns:localhost,dns:redis.example.com", "-storetype", "PKCS12",
				"-keystore", store.toString(), "-storepass", PASSWORD)
			.inheritIO()
			.start();
		assertThat(keytool.waitFor()).isZero();
		KeyStore keyStore = KeyStore.getInstance("PKCS12");
		try (InputStream input = Files.newInputStream(store)) {
			keyStore.load(input, PASSWORD.toCharArray());
		}
		writePem(name + ".key", "PRIVATE KEY", keyStore.getKey(name, PASSWORD.toCharArray()).getEncoded());
		return writePem(name + ".crt", "CERTIFICATE", keyStore.getCertificate(name).getEncoded());
	}

	private static Path writePem(String file, String type, byte[] content) throws IOException {
		String pem = "-----BEGIN " + type + "-----\n"
				+ Base64.getMimeEncoder(64, new byte[] { '\n' }).encodeToString(content) + "\n-----END " + type
				+ "-----\n";
		return Files.writeString(directory.resolve(file), pem);
	}

}
