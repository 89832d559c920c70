package app.session.redis.autoconfigure.web;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

import app.session.redis.autoconfigure.web.SteadyLoad.Answer;
import app.session.redis.test.Monitor;
import app.session.redis.test.RedisServer;
import app.session.redis.test.TcpProxy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests a server restart and a network outage while users work.
 */
class RecoveryITests {

	private static final Duration BACKOFF_CAP = Duration.ofSeconds(1);

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void nothingIsLostWhenAServerWithAnAppendOnlyFileIsRestarted(boolean killed) {
		try (RedisServer server = RedisServer.builder().option("appendonly", "yes").start();
				WebNode node = WebNode.start(server)) {
			List<Browser> idle = Stream.generate(node::browser).limit(200).toList();
			idle.forEach((browser) -> browser.get("/new"));
			SteadyLoad load = new SteadyLoad(List.of(node));
			FailoverReport report = new FailoverReport(
					"Restart with an append-only file, " + (killed ? "killed" : "shut down"), load);
			try (load) {
				load.writers(12);
				load.awaitAllWrite();
				load.awaitAnswers(100);
				report.begin();
				if (killed) {
					server.kill();
				}
				else {
					server.stop();
				}
				report.end();
				load.awaitAllFail();
				server.restart();
				report.put("it answers after", report.sinceBegin(System.nanoTime()));
				load.awaitAllWrite();
				report.reportRecovery(load.writers());
			}
			assertThat(idle).allSatisfy((browser) -> assertThat(browser.get("/read").body()).isEqualTo("new [apple]"));
			assertThat(load.losses()).isEmpty();
			report.checkRequests();
			report.checkThreads();
			report.print();
		}
	}

	@Test
	void requestsFailWhileTheNetworkIsSilentAndNothingIsAppliedTwice() {
		cutNetwork("Network silent for a while", (proxy) -> {
		});
	}

	@Test
	void requestsFailWhileTheNetworkIsCutAndNothingIsAppliedTwice() {
		cutNetwork("Network silent for a while, then connections reset", TcpProxy::dropConnections);
	}

	private static void cutNetwork(String title, Consumer<TcpProxy> beforeItIsBack) {
		try (RedisServer server = RedisServer.start();
				TcpProxy proxy = TcpProxy.to(server);
				Monitor monitor = Monitor.of(server);
				WebNode node = WebNode.start(proxy)) {
			SteadyLoad load = new SteadyLoad(List.of(node));
			FailoverReport report = new FailoverReport(title, load);
			try (load) {
				load.writers(12);
				load.awaitAllWrite();
				load.awaitAnswers(100);
				monitor.reset();
				report.begin();
				proxy.stopForwarding();
				load.awaitAllFail();
				load.awaitAllFail();
				beforeItIsBack.accept(proxy);
				proxy.forward();
				long back = System.nanoTime();
				report.end();
				report.put("the network is back after", report.sinceBegin(back));
				load.awaitAllWrite();
				report.reportRecovery(load.writers());
				assertRecoveredInTime(load, back);
			}
			List<String> values = new ArrayList<>();
			monitor.commands()
				.stream()
				.filter((command) -> command.name().startsWith("EVAL"))
				.map((command) -> command.args().get(command.args().size() - 1))
				.filter((value) -> value.matches(".*w\\d+-\\d+"))
				.forEach(values::add);
			assertThat(values).isNotEmpty().doesNotHaveDuplicates();
			assertThat(load.losses()).isEmpty();
			report.checkRequests();
			report.checkThreads();
			report.print();
		}
	}

	private static void assertRecoveredInTime(SteadyLoad load, long back) {
		long limit = back + BACKOFF_CAP.plusSeconds(1).toNanos();
		List<Answer> late = load.answers()
			.stream()
			.filter((answer) -> answer.isFailed() && answer.start() > limit)
			.toList();
		assertThat(late).as("requests that failed though the network had long been back").isEmpty();
		assertThat(load.writers())
			.allSatisfy((writer) -> assertThat(load.answers()).anyMatch((answer) -> answer.writer() == writer
					&& !answer.isFailed() && answer.start() > back && answer.end() < limit));
	}

}
