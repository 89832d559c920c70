package app.session.redis;

import java.util.concurrent.CompletableFuture;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link MonitorCalls}.
 */
class MonitorCallsTests {

	@Test
	void callsInSynchronizedMethodsAndBlocksAreFound() {
		assertThat(MonitorCalls.in(new ClassFileImporter().importClass(Sample.class),
				(call) -> call.owner().endsWith("CompletableFuture")))
			.extracting((call) -> call.from().substring(call.from().indexOf('.') + 1) + " " + call.name())
			.containsOnly("method getNow", "block isDone", "block getNow", "block cancel", "inFinally getNow");
	}

	@SuppressWarnings("unused")
	private static final class Sample {

		private final CompletableFuture<String> future = new CompletableFuture<>();

		synchronized String method() {
			return this.future.getNow("");
		}

		String block() {
			this.future.complete("");
			synchronized (this) {
				if (this.future.isDone()) {
					return this.future.getNow("");
				}
				this.future.cancel(false);
			}
			return this.future.join();
		}

		String inFinally() {
			try {
				return this.future.join();
			}
			finally {
				synchronized (this) {
					this.future.getNow("");
				}
				this.future.complete("");
			}
		}

		synchronized Runnable later() {
			return () -> this.future.complete("");
		}

	}

}
