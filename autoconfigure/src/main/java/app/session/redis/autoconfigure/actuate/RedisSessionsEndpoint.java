package app.session.redis.autoconfigure.actuate;

import java.security.Principal;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.autoconfigure.actuate.SessionsDescriptors.AttributeDescriptor;
import app.session.redis.autoconfigure.actuate.SessionsDescriptors.CheckDescriptor;
import app.session.redis.autoconfigure.actuate.SessionsDescriptors.CollectorDescriptor;
import app.session.redis.autoconfigure.actuate.SessionsDescriptors.CountDescriptor;
import app.session.redis.autoconfigure.actuate.SessionsDescriptors.CountsDescriptor;
import app.session.redis.autoconfigure.actuate.SessionsDescriptors.EndedDescriptor;
import app.session.redis.autoconfigure.actuate.SessionsDescriptors.ErrorDescriptor;
import app.session.redis.autoconfigure.actuate.SessionsDescriptors.LocksDescriptor;
import app.session.redis.autoconfigure.actuate.SessionsDescriptors.NearCacheDescriptor;
import app.session.redis.autoconfigure.actuate.SessionsDescriptors.PageDescriptor;
import app.session.redis.autoconfigure.actuate.SessionsDescriptors.ServerDescriptor;
import app.session.redis.autoconfigure.actuate.SessionsDescriptors.SessionDescriptor;
import app.session.redis.autoconfigure.actuate.SessionsDescriptors.StoreDescriptor;
import app.session.redis.autoconfigure.actuate.SessionsDescriptors.TestDescriptor;
import app.session.redis.autoconfigure.actuate.SessionsDescriptors.ValueCountsDescriptor;
import app.session.redis.autoconfigure.properties.PropertyNames;
import app.session.redis.codec.UnlistedTypes.Unlisted;
import app.session.redis.index.SessionDescription;
import app.session.redis.index.SessionPage;
import app.session.redis.operations.Finding;
import app.session.redis.operations.ServerCheck;
import app.session.redis.operations.ServerReport;
import app.session.redis.operations.SessionOperations;
import app.session.redis.operations.SessionStoreState;
import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.annotation.RegisterReflectionForBinding;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.session.FindByIndexNameSessionRepository;

/**
 * An endpoint that shows the sessions and their store, and ends sessions. Sessions are
 * identified by their handles, which give no access to them. Values of attributes are
 * never shown, except the client's address and user agent if they are recorded. Access is
 * read-only by default.
 *
 * <p>
 * Responds with 400 to an invalid request, 404 if the session doesn't exist, and 503 if
 * Redis is unavailable, each with an {@code error} that states what to do. The overview
 * takes two round trips and a page two to eighteen, regardless of the number of sessions;
 * {@link SessionOperations} and {@link ServerCheck} document the commands.
 */
@WebEndpoint(id = "redissessions", defaultAccess = Access.READ_ONLY)
@RegisterReflectionForBinding({ StoreDescriptor.class, PageDescriptor.class, SessionDescriptor.class,
		CountDescriptor.class, ValueCountsDescriptor.class, EndedDescriptor.class, TestDescriptor.class,
		ErrorDescriptor.class })
public class RedisSessionsEndpoint {

	/** The type of the audit event of each request that ends sessions. */
	public static final String AUDIT_EVENT = "SESSIONS_ENDED";

	private static final int DEFAULT_LIMIT = 50;

	private static final int MAX_LIMIT = 1000;

	private static final String PRINCIPAL_PARAMETER = "principal";

	private static final String PRINCIPAL = FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private final SessionOperations operations;

	private final ServerCheck check;

	private final ApplicationEventPublisher eventPublisher;

	private final boolean locks;

	private final Clock clock = Clock.systemUTC();

	/**
	 * Creates the endpoint.
	 * @param operations finds and ends sessions
	 * @param check checks the servers
	 * @param locks whether sessions are locked
	 * @param eventPublisher publishes the audit events
	 */
	public RedisSessionsEndpoint(SessionOperations operations, ServerCheck check, boolean locks,
			ApplicationEventPublisher eventPublisher) {
		this.operations = operations;
		this.check = check;
		this.locks = locks;
		this.eventPublisher = eventPublisher;
	}

	/**
	 * Returns an overview of the store if there are no parameters; otherwise a page or
	 * the number of all sessions, or of those that have all of the given index values, or
	 * the number of sessions of each value of an index.
	 * @param principal the name of a principal, or null
	 * @param index the name of an index, or null
	 * @param value a value of that index, or null
	 * @param count {@code true} to count only
	 * @param counts the name of an index whose values to list with their numbers of
	 * sessions, {@code principal} for that of principals, or null
	 * @param cursor {@code next} of the previous page, or null for the first page
	 * @param limit the approximate number of sessions in a page, or the number of values,
	 * 1 to 1000; 50 if null
	 * @param indexes further parameters, each with the name of an index and a value of
	 * it, or null
	 * @return the answer
	 */
	@ReadOperation
	public WebEndpointResponse<OperationResponseBody> sessions(@Nullable String principal, @Nullable String index,
			@Nullable String value, @Nullable String count, @Nullable String counts, @Nullable String cursor,
			@Nullable String limit, @Nullable IndexParameters indexes) {
		return answer(() -> {
			Map<String, String> wanted = wanted(principal, index, value, indexes);
			if (counts != null) {
				require(wanted.isEmpty() && count == null, "'counts' can be combined with 'cursor' and 'limit' only");
				return counts(counts, cursor, limit(limit));
			}
			if (count != null && !count.equals("false")) {
				return count(wanted, count, cursor, limit);
			}
			if (wanted.isEmpty() && cursor == null && limit == null) {
				return overview();
			}
			SessionPage page = wanted.isEmpty() ? this.operations.page(cursor, limit(limit))
					: this.operations.page(wanted, cursor, limit(limit));
			return PageDescriptor.of(page, this.operations, principal, now());
		});
	}

	private CountDescriptor count(Map<String, String> wanted, String count, @Nullable String cursor,
			@Nullable String limit) {
		require(count.equals("true"), "'count' must be true or false");
		require(cursor == null && limit == null, "'count' can't be combined with 'cursor' or 'limit'");
		return new CountDescriptor(wanted.isEmpty() ? this.operations.count() : this.operations.count(wanted));
	}

	private ValueCountsDescriptor counts(String index, @Nullable String cursor, int limit) {
		try {
			return ValueCountsDescriptor
				.of(this.operations.counts(index.equals(PRINCIPAL_PARAMETER) ? PRINCIPAL : index, cursor, limit));
		}
		catch (IllegalStateException ex) {
			throw new IllegalArgumentException(ex.getMessage(), ex);
		}
	}

	/** Returns the values that sessions must have, by the names of their indexes. */
	private static Map<String, String> wanted(@Nullable String principal, @Nullable String index,
			@Nullable String value, @Nullable IndexParameters indexes) {
		require((index == null) == (value == null), "'index' and 'value' must be specified together");
		Map<String, String> wanted = new LinkedHashMap<>((indexes != null) ? indexes.single() : Map.of());
		if (principal != null) {
			wanted.put(PRINCIPAL, principal);
		}
		if (index != null && value != null) {
			require(wanted.put(index, value) == null, "Specify each index only once");
		}
		return wanted;
	}

	private StoreDescriptor overview() {
		SessionStoreState state = this.operations.state();
		ServerReport report = this.check.glance();
		return new StoreDescriptor(report.time(), ServerDescriptor.of(report),
				CountsDescriptor.of(state, this.operations.statistics()), CollectorDescriptor.of(state),
				SessionsDescriptors.lowerCase(this.operations.breaker()),
				NearCacheDescriptor.of(this.operations.statistics()),
				this.locks ? LocksDescriptor.of(this.operations.statistics()) : null,
				CheckDescriptor.of(report, findings(report, state)), unlistedTypes());
	}

	private @Nullable List<Unlisted> unlistedTypes() {
		List<Unlisted> types = this.operations.unlistedTypes();
		return types.isEmpty() ? null : types;
	}

	private static List<Finding> findings(ServerReport report, SessionStoreState state) {
		List<Finding> findings = new ArrayList<>(report.findings());
		findings.addAll(state.findings(PropertyNames.INSTANCE));
		return findings;
	}

	/** Returns the current time with the precision of Redis, milliseconds. */
	private Instant now() {
		return this.clock.instant().truncatedTo(ChronoUnit.MILLIS);
	}

	private static int limit(@Nullable String limit) {
		if (limit == null) {
			return DEFAULT_LIMIT;
		}
		try {
			int number = Integer.parseInt(limit);
			if (number >= 1 && number <= MAX_LIMIT) {
				return number;
			}
		}
		catch (NumberFormatException ex) {
			throw new IllegalArgumentException(limitError(), ex);
		}
		throw new IllegalArgumentException(limitError());
	}

	private static String limitError() {
		return "'limit' must be a number from 1 to " + MAX_LIMIT;
	}

	/**
	 * Returns a session with the names, classes and sizes of its attributes.
	 * @param id its handle, alias or full id
	 * @return the answer
	 */
	@ReadOperation
	public WebEndpointResponse<OperationResponseBody> session(@Selector String id) {
		return answer(() -> {
			SessionDescription session = this.operations.describe(id);
			return (session != null)
					? SessionDescriptor.of(session, this.operations, null, now())
						.with(AttributeDescriptor.of(session.attributes(), this.operations.types(session.handle())))
					: null;
		});
	}

	/**
	 * Ends a session.
	 * @param id its handle, alias or full id
	 * @param securityContext the security context of the request
	 * @return the answer
	 */
	@DeleteOperation
	public WebEndpointResponse<OperationResponseBody> end(@Selector String id, SecurityContext securityContext) {
		return answer(() -> {
			String handle = this.operations.handle(id);
			if (handle == null || !this.operations.end(id)) {
				return null;
			}
			publishAuditEvent(securityContext, Map.of("handle", handle, "ended", 1));
			return new EndedDescriptor(1);
		});
	}

	/**
	 * Ends the sessions of a principal, on all devices, or those that have all of the
	 * given index values.
	 * @param principal the name of a principal, or null
	 * @param index the name of an index, or null
	 * @param value a value of that index, or null
	 * @param indexes further parameters, each with the name of an index and a value of
	 * it, or null
	 * @param securityContext the security context of the request
	 * @return the answer
	 */
	@DeleteOperation
	public WebEndpointResponse<OperationResponseBody> end(@Nullable String principal, @Nullable String index,
			@Nullable String value, @Nullable IndexParameters indexes, SecurityContext securityContext) {
		return answer(() -> {
			Map<String, String> wanted = wanted(principal, index, value, indexes);
			require(!wanted.isEmpty(),
					"Specify whose sessions to end: 'principal', 'index' and 'value', or the name of an index and its value");
			int ended = this.operations.end(wanted);
			Map<String, @Nullable Object> data = new LinkedHashMap<>();
			if (principal != null) {
				data.put("principal", principal);
			}
			List<String> names = wanted.keySet().stream().filter((name) -> !name.equals(PRINCIPAL)).toList();
			if (!names.isEmpty()) {
				data.put("index", String.join(",", names));
			}
			data.put("ended", ended);
			publishAuditEvent(securityContext, data);
			return new EndedDescriptor(ended);
		});
	}

	private void publishAuditEvent(SecurityContext securityContext, Map<String, @Nullable Object> data) {
		Principal who = securityContext.getPrincipal();
		this.eventPublisher
			.publishEvent(new AuditApplicationEvent((who != null) ? who.getName() : "unknown", AUDIT_EVENT, data));
	}

	/**
	 * Tests the connection and checks for risks to sessions.
	 * @param action {@code check}
	 * @return the answer
	 */
	@WriteOperation
	public WebEndpointResponse<OperationResponseBody> act(String action) {
		return answer(() -> {
			require(action.equals("check"), "'action' must be 'check'");
			ServerReport report = this.check.run();
			return TestDescriptor.of(report, findings(report, this.operations.state()));
		});
	}

	private static void require(boolean condition, String otherwise) {
		if (!condition) {
			throw new IllegalArgumentException(otherwise);
		}
	}

	/** Builds the response; a null body means that there is no such session. */
	private static WebEndpointResponse<OperationResponseBody> answer(Supplier<@Nullable OperationResponseBody> answer) {
		try {
			OperationResponseBody body = answer.get();
			return (body != null) ? new WebEndpointResponse<>(body)
					: error(WebEndpointResponse.STATUS_NOT_FOUND, "There is no such session");
		}
		catch (IllegalArgumentException ex) {
			return error(WebEndpointResponse.STATUS_BAD_REQUEST, ex.getMessage());
		}
		catch (SessionStoreUnavailableException ex) {
			return error(WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE, ex.getMessage());
		}
	}

	private static WebEndpointResponse<OperationResponseBody> error(int status, @Nullable String message) {
		return new WebEndpointResponse<>(new ErrorDescriptor(String.valueOf(message)), status);
	}

}
