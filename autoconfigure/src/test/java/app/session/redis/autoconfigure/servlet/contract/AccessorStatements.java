package app.session.redis.autoconfigure.servlet.contract;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import app.session.redis.autoconfigure.servlet.contract.Behaviour.Failure;
import jakarta.servlet.http.HttpSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * The accessor of a session, for use outside a request (Servlet 6.1, 7.5 and the Javadoc
 * of {@code HttpSession.Accessor}).
 */
interface AccessorStatements extends SessionContract {

	private HttpSession.Accessor accessor() {
		AtomicReference<HttpSession.@Nullable Accessor> accessor = new AtomicReference<>();
		client().run((request, response) -> {
			request.getSession().setAttribute("name", "value");
			accessor.set(request.getSession().getAccessor());
		});
		assertThat(accessor.get()).as("the accessor").isNotNull();
		return accessor.get();
	}

	private static @Nullable Object read(HttpSession.Accessor accessor) {
		AtomicReference<@Nullable Object> value = new AtomicReference<>();
		accessor.access((session) -> value.set(session.getAttribute("name")));
		return value.get();
	}

	@Test
	default void accessor_givesTheSessionDuringTheRequest() {
		client().run((request, response) -> {
			HttpSession session = request.getSession();
			session.setAttribute("name", "value");
			session.getAccessor().access((accessed) -> {
				assertThat(accessed.getId()).isEqualTo(session.getId());
				assertThat(accessed.getAttribute("name")).isEqualTo("value");
				accessed.setAttribute("name", "accessed");
			});
			assertThat(session.getAttribute("name")).isEqualTo("accessed");
		});
		assertThat(client().attribute("name")).isEqualTo("accessed");
	}

	@Test
	default void accessor_readsTheSessionAfterTheRequest() {
		assertThat(read(accessor())).isEqualTo("value");
	}

	@Test
	default void accessor_seesLaterRequests() {
		HttpSession.Accessor accessor = accessor();
		client().run((request, response) -> request.getSession().setAttribute("name", "later"));
		assertThat(read(accessor)).isEqualTo("later");
	}

	@Test
	default void accessor_changesTheSessionAfterTheRequest() {
		accessor().access((session) -> {
			session.setAttribute("name", "accessed");
			session.setMaxInactiveInterval(777);
		});
		client().run((request, response) -> {
			assertThat(request.getSession(false).getAttribute("name")).isEqualTo("accessed");
			assertThat(request.getSession(false).getMaxInactiveInterval()).isEqualTo(777);
		});
	}

	@Test
	default void accessor_canBeUsedAgain() {
		HttpSession.Accessor accessor = accessor();
		accessor.access((session) -> session.setAttribute("name", "first"));
		accessor.access((session) -> assertThat(session.getAttribute("name")).isEqualTo("first"));
		accessor.access((session) -> session.setAttribute("name", "second"));
		assertThat(client().attribute("name")).isEqualTo("second");
	}

	@Test
	default void accessor_canBeUsedInsideAnAccess() {
		HttpSession.Accessor accessor = accessor();
		accessor.access((outer) -> {
			outer.setAttribute("outer", "1");
			accessor.access((inner) -> inner.setAttribute("inner", "2"));
		});
		assertThat(client().attribute("outer")).isEqualTo("1");
		assertThat(client().attribute("inner")).isEqualTo("2");
	}

	/** Waits, because Tomcat ends an access after it has sent the response. */
	@Test
	default void accessor_givesASessionThatIsNotNew() {
		HttpSession.Accessor accessor = accessor();
		AtomicReference<@Nullable Boolean> isNew = new AtomicReference<>();
		await(() -> {
			accessor.access((session) -> isNew.set(session.isNew()));
			return Boolean.FALSE.equals(isNew.get());
		}, "the session is not new");
	}

	@Test
	default void accessor_worksInAnotherThreadDuringTheRequest() {
		client().run((request, response) -> {
			request.getSession().setAttribute("name", "value");
			HttpSession.Accessor accessor = request.getSession().getAccessor();
			CompletableFuture.runAsync(() -> accessor.access((session) -> session.setAttribute("other", "x")))
				.get(10, TimeUnit.SECONDS);
		});
		assertThat(client().attribute("name")).isEqualTo("value");
		assertThat(client().attribute("other")).isEqualTo("x");
	}

	@Test
	default void accessor_throwsWhatItsConsumerThrows() {
		HttpSession.Accessor accessor = accessor();
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> accessor.access((session) -> {
			throw new Failure();
		}));
		assertThat(read(accessor)).isEqualTo("value");
		assertThat(client().attribute("name")).isEqualTo("value");
	}

	@Test
	default void accessor_callsListeners() {
		HttpSession.Accessor accessor = accessor();
		ListenerCalls.take();
		accessor.access((session) -> session.setAttribute("name", "accessed"));
		assertThat(ListenerCalls.take()).containsExactly("replaced name=value");
	}

	@Test
	default void accessor_endsTheSession() {
		HttpSession.Accessor accessor = accessor();
		ListenerCalls.take();
		accessor.access(HttpSession::invalidate);
		assertThat(ListenerCalls.take()).containsExactly("destroyed 2", "destroyed 1", "removed name=value");
		assertThat(client().hasSession()).isFalse();
	}

	@Test
	default void accessorOfAnInvalidSession_isRefused() {
		client().run((request, response) -> {
			HttpSession session = request.getSession();
			session.invalidate();
			if (invalidSessionRefusesAccessors()) {
				assertThatIllegalStateException().isThrownBy(session::getAccessor);
			}
			else {
				HttpSession.Accessor accessor = session.getAccessor();
				assertThatIllegalStateException().isThrownBy(() -> accessor.access(HttpSession::getId));
			}
		});
	}

	@Test
	default void accessorWhoseSessionHasBeenInvalidated_isRefused() {
		HttpSession.Accessor accessor = accessor();
		client().run((request, response) -> request.getSession().invalidate());
		assertThatIllegalStateException().isThrownBy(() -> accessor.access(HttpSession::getId));
	}

	@Test
	default void accessorWhoseSessionIdHasChanged_isRefused() {
		HttpSession.Accessor accessor = accessor();
		client().run((request, response) -> request.changeSessionId());
		assertThatIllegalStateException().isThrownBy(() -> accessor.access(HttpSession::getId));
	}

	@Test
	default void accessorAfterAChangeOfTheId_works() {
		openSession("name", "value");
		AtomicReference<HttpSession.@Nullable Accessor> accessor = new AtomicReference<>();
		client().run((request, response) -> {
			request.changeSessionId();
			accessor.set(request.getSession().getAccessor());
		});
		assertThat(accessor.get()).as("the accessor").isNotNull();
		assertThat(read(accessor.get())).isEqualTo("value");
	}

	@Test
	default void access_isAnAccess() {
		openSession("name", "value");
		AtomicReference<HttpSession.@Nullable Accessor> accessor = new AtomicReference<>();
		client().run((request, response) -> {
			accessor.set(request.getSession().getAccessor());
			request.getSession().setMaxInactiveInterval(2);
		});
		assertThat(accessor.get()).as("the accessor").isNotNull();
		long until = System.currentTimeMillis() + 2_500;
		await(() -> {
			accessor.get().access((session) -> {
			});
			return System.currentTimeMillis() > until;
		}, "the session would have expired without accesses");
		assertThat(client().attribute("name")).isEqualTo("value");
	}

}
