package app.session.redis.operations;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import app.session.redis.Option;
import app.session.redis.OptionNames;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.SessionStoreUnavailableException.Reason;
import app.session.redis.client.Call;
import app.session.redis.client.CallSender;
import app.session.redis.client.Reply;
import app.session.redis.client.ServerInfo;
import app.session.redis.client.Servers;
import app.session.redis.operations.Finding.Severity;
import app.session.redis.operations.ServerReport.Node;
import io.lettuce.core.protocol.CommandType;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.RedisConnectionFactory;

/**
 * Checks the servers that store the sessions for conditions that put sessions at risk:
 * {@code INFO} of each primary, a few {@code PING}s, {@code TIME}, one step of
 * {@code SCAN}, and the commands of {@link StoreAccess}. Never sends {@code CONFIG},
 * which managed servers forbid. Must be closed.
 */
public final class ServerCheck implements AutoCloseable {

	private static final int PINGS = 5;

	private static final int SCANNED_KEYS = 100;

	private static final double NEARLY_FULL = 0.9;

	private static final Duration SLOW = Duration.ofMillis(10);

	private static final Duration SKEWED = Duration.ofSeconds(5);

	/** The age from which a snapshot is reported as outdated. */
	private static final Duration STALE = Duration.ofHours(1);

	private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})");

	private static final Pattern REPLICA = Pattern.compile("ip=([^,]*),port=(\\d*),state=([^,]*)");

	/**
	 * Keys of sessions in any namespace, and of Spring Session in its default namespace,
	 * from which sessions may be migrated.
	 */
	private static final Pattern SESSION_KEYS = Pattern
		.compile(".+:(?:(?:session|lock|waiters|confirm):\\{[\\w.~-]{16}}|expiry:\\d{1,2}|index:[^:]+:.*|collector)"
				+ "|spring:session:.*", Pattern.DOTALL);

	private final CallSender engine;

	private final Servers servers;

	private final StoreAccess access;

	private final String namespace;

	private final Requirements requirements;

	private final Clock clock;

	private final OptionNames optionNames;

	/** The highest number of connected replicas so far. */
	private final AtomicInteger mostReplicas = new AtomicInteger();

	private volatile @Nullable Probed probed;

	/**
	 * Creates a check.
	 * @param connectionFactory the source of connections; must be a
	 * {@code LettuceConnectionFactory}
	 * @param namespace the prefix of the keys
	 * @param commandTimeout the timeout for replies
	 * @param requirements what the store requires of the servers
	 * @param clock this node's clock
	 * @param optionNames the names of options in messages
	 */
	public ServerCheck(RedisConnectionFactory connectionFactory, String namespace, Duration commandTimeout,
			Requirements requirements, Clock clock, OptionNames optionNames) {
		this.engine = new CallSender(connectionFactory, commandTimeout, null);
		this.servers = new Servers(this.engine);
		this.access = new StoreAccess(this.engine, namespace);
		this.namespace = namespace;
		this.requirements = requirements;
		this.clock = clock;
		this.optionNames = optionNames;
	}

	/**
	 * Returns whether a server is too old for the store.
	 * @param version the version of Redis that the server reports, or reports to be
	 * compatible with
	 * @return whether the version is older than 6.2
	 */
	public static boolean isTooOld(String version) {
		Matcher numbers = VERSION.matcher(version);
		return numbers.lookingAt() && (Integer.parseInt(numbers.group(1)) < 6
				|| (Integer.parseInt(numbers.group(1)) == 6 && Integer.parseInt(numbers.group(2)) < 2));
	}

	/**
	 * Checks all servers that hold sessions: about ten round trips, and one more for each
	 * further primary of a cluster.
	 * @return the report
	 * @throws SessionStoreUnavailableException if a server doesn't reply
	 */
	public ServerReport run() {
		Map<String, ServerInfo> infos = this.servers.info();
		String first = infos.keySet().iterator().next();
		List<Finding> findings = new ArrayList<>();
		List<Duration> latencies = latencies();
		// A busy node can only add to the time
		Duration fastest = latencies.get(0);
		if (fastest.compareTo(SLOW) > 0) {
			findings.add(new Finding(Severity.WARNING, "SLOW", first,
					"A round trip takes at least %.1f ms".formatted(fastest.toNanos() / 1e6),
					"Every request waits for one or two round trips",
					"Check the distance through the network, other load on the machine, and slow commands "
							+ "(SLOWLOG GET)"));
		}
		checkClock(first, findings);
		checkRights(first, findings);
		checkOtherKeys(first, findings);
		this.probed = new Probed(this.clock.instant(), latencies.get(PINGS / 2), findings);
		return report(infos);
	}

	/**
	 * Checks {@code INFO} of the servers, and adds the other findings of the last
	 * {@link #run()}: one round trip, or on a cluster two and one for each primary.
	 * @return the report
	 * @throws SessionStoreUnavailableException if a server doesn't reply
	 */
	public ServerReport glance() {
		return report(this.servers.info());
	}

	/**
	 * Stops the threads of this check, after waiting at most the command timeout for
	 * connections that are being opened. The connection factory stays open.
	 */
	@Override
	public void close() {
		this.access.close();
	}

	private ServerReport report(Map<String, ServerInfo> infos) {
		List<Finding> findings = new ArrayList<>();
		List<Node> nodes = new ArrayList<>();
		infos.forEach((address, info) -> {
			nodes.add(node(address, info));
			new NodeCheck(address, info, findings).all();
		});
		checkReplicas(nodes, findings);
		Probed probed = this.probed;
		if (probed != null) {
			findings.addAll(probed.findings());
		}
		ServerInfo info = infos.values().iterator().next();
		String valkey = info.valkeyVersion();
		return new ServerReport(this.clock.instant(), (valkey != null) ? "valkey" : "redis",
				(valkey != null) ? valkey : info.redisVersion(), this.servers.mode(), nodes,
				(probed != null) ? probed.latency() : null, findings, (probed != null) ? probed.time() : null);
	}

	/**
	 * Reports replicas that are no longer connected: a failover has no target, or has
	 * just taken place.
	 */
	private void checkReplicas(List<Node> nodes, List<Finding> findings) {
		int connected = nodes.stream().mapToInt(Node::replicas).sum();
		int most = this.mostReplicas.accumulateAndGet(connected, Math::max);
		if (connected < most) {
			findings.add(new Finding(Severity.WARNING, "REPLICA_LOST", nodes.get(0).address(),
					"%d replicas are connected, but there were %d".formatted(connected, most),
					"If a primary fails, sessions that no replica has are lost",
					"Bring the replica back. If it was removed permanently, restart this application at a "
							+ "convenient time"));
		}
	}

	private static Node node(String address, ServerInfo info) {
		return new Node(address, info.get("role", "?"), (int) info.number("connected_slaves"),
				info.number("used_memory"), info.number("maxmemory"), info.get("maxmemory_policy", "?"));
	}

	/** Measures a few round trips, and returns their times, the shortest first. */
	private List<Duration> latencies() {
		List<Duration> times = new ArrayList<>();
		for (int i = 0; i < PINGS; i++) {
			long start = System.nanoTime();
			this.engine.await(this.engine.send(Call.of(CommandType.PING)));
			times.add(Duration.ofNanos(System.nanoTime() - start));
		}
		times.sort(null);
		return times;
	}

	private void checkClock(String node, List<Finding> findings) {
		Instant before = this.clock.instant();
		Reply time = this.engine.await(this.engine.send(Call.of(CommandType.TIME)));
		Instant after = this.clock.instant();
		Instant there = Instant.ofEpochSecond(Long.parseLong(time.text(0)), Long.parseLong(time.text(1)) * 1000);
		Duration skew = Duration.between(before.plus(Duration.between(before, after).dividedBy(2)), there);
		if (skew.abs().compareTo(SKEWED) > 0) {
			findings.add(new Finding(Severity.WARNING, "CLOCK_SKEW", node,
					"Its clock is %d s %s of this node's".formatted(skew.abs().toSeconds(),
							skew.isNegative() ? "behind" : "ahead"),
					"Redis expires sessions by its own clock, but applications see times of their own clock",
					"Run a time service on both machines (systemd-timesyncd, chrony)"));
		}
	}

	private void checkRights(String node, List<Finding> findings) {
		Map<String, String> refused = this.access.refused(this.requirements.locks(), false,
				this.requirements.changes());
		if (!refused.isEmpty()) {
			findings.add(new Finding(Severity.CRITICAL, "COMMANDS_REFUSED", node,
					"It refuses the commands " + String.join(", ", refused.keySet()),
					"Sessions can't be stored without them: " + refused.values().iterator().next(),
					"If the user lacks permissions, this command grants them: ACL SETUSER <user> "
							+ StoreAccess.aclRule(this.namespace)));
		}
	}

	/**
	 * Skips the check if the user isn't permitted to scan. Users that were created for
	 * sessions aren't, and a refused command would appear in Redis's ACL log.
	 */
	private void checkOtherKeys(String node, List<Finding> findings) {
		if (!this.requirements.dedicated()) {
			return;
		}
		String username = this.servers.username();
		if (username != null && !username.equals("default")) {
			return;
		}
		Reply page;
		try {
			page = this.engine
				.await(this.engine.send(Call.of(CommandType.SCAN).arg("0").arg("COUNT").arg(SCANNED_KEYS)));
		}
		catch (SessionStoreUnavailableException ex) {
			if (ex.getReason() == Reason.NOT_PERMITTED || ex.getReason() == Reason.FAILED) {
				return;
			}
			throw ex;
		}
		int others = 0;
		for (int i = 1; i < page.size(); i++) {
			if (!page.text(i).startsWith(this.namespace + ":") && !SESSION_KEYS.matcher(page.text(i)).matches()) {
				others++;
			}
		}
		if (others > 0) {
			findings.add(new Finding(Severity.WARNING, "OTHER_KEYS", node,
					"Of %d keys, %d don't belong to sessions".formatted(page.size() - 1, others),
					"Flushing or overfilling a cache in this database also ends sessions",
					"Use a separate Redis server or database for sessions (" + this.optionNames.name(Option.DATABASE)
							+ ")"));
		}
	}

	/**
	 * What the store requires of the servers.
	 *
	 * @param confirmReplicas the number of replicas that must acknowledge a log-in
	 * @param locks whether sessions are locked
	 * @param changes whether changes of sessions are published, because nodes trust
	 * copies
	 * @param dedicated whether the server or database is intended for sessions only, so
	 * that other keys are reported
	 */
	public record Requirements(int confirmReplicas, boolean locks, boolean changes, boolean dedicated) {
	}

	/** The results of the last complete check that {@code INFO} doesn't contain. */
	private record Probed(Instant time, Duration latency, List<Finding> findings) {
	}

	/** Checks {@code INFO} of one server. */
	private final class NodeCheck {

		private final String node;

		private final ServerInfo info;

		private final List<Finding> findings;

		NodeCheck(String node, ServerInfo info, List<Finding> findings) {
			this.node = node;
			this.info = info;
			this.findings = findings;
		}

		void all() {
			version();
			memory();
			persistence();
			replication();
			if (!"ok".equals(this.info.get("cluster_state", "ok").toLowerCase(Locale.ROOT))) {
				add(Severity.CRITICAL, "CLUSTER_DOWN", "The cluster does not serve all slots",
						"Sessions whose slots have no primary can't be read", "Check CLUSTER NODES for failed nodes");
			}
		}

		private void version() {
			String version = this.info.get("redis_version", "");
			if (isTooOld(version)) {
				add(Severity.CRITICAL, "TOO_OLD", "It is Redis " + version,
						"It lacks commands that the session store needs", "Use Redis 6.2 or later, or Valkey");
			}
		}

		private void memory() {
			long max = this.info.number("maxmemory");
			if (max == 0) {
				return;
			}
			String policy = this.info.get("maxmemory_policy", "noeviction");
			if (!policy.equals("noeviction")) {
				long evicted = this.info.number("evicted_keys");
				add((evicted > 0) ? Severity.CRITICAL : Severity.WARNING, "EVICTION",
						"maxmemory-policy is " + policy + ", and " + evicted + " keys were evicted",
						"When its memory is full, it drops sessions of logged-in users",
						"Set maxmemory-policy noeviction in redis.conf");
			}
			long used = this.info.number("used_memory");
			if (used > max * NEARLY_FULL) {
				add(Severity.WARNING, "MEMORY_NEARLY_FULL", "%d of %d bytes are used".formatted(used, max),
						policy.equals("noeviction")
								? "When memory is full, users can't log in, and changes are not saved"
								: "When memory is full, sessions are dropped",
						"Raise maxmemory in redis.conf, or find sessions that store too much");
			}
		}

		private void persistence() {
			if ("err".equals(this.info.get("rdb_last_bgsave_status"))
					|| "err".equals(this.info.get("aof_last_write_status"))) {
				add(Severity.CRITICAL, "PERSISTENCE_FAILING", "The last snapshot or append failed",
						"Until this is fixed, Redis refuses writes, or loses them when it stops",
						"Check its log and its disk");
			}
			if (this.info.number("aof_enabled") != 0) {
				return;
			}
			boolean stale = this.info.number("rdb_changes_since_last_save") > 0
					&& ServerCheck.this.clock.instant().getEpochSecond()
							- this.info.number("rdb_last_save_time") > STALE.toSeconds();
			boolean alone = this.info.number("connected_slaves") == 0;
			add((stale && alone) ? Severity.WARNING : Severity.INFO, "NO_APPEND_ONLY_FILE",
					stale ? "There is no append-only file, and no snapshot from the last hour"
							: "There is no append-only file",
					"When it stops, log-ins since the last snapshot are lost",
					"Set appendonly yes and appendfsync everysec in redis.conf");
		}

		private void replication() {
			if ("slave".equals(this.info.get("role"))) {
				add(Severity.CRITICAL, "IS_REPLICA", "It is a replica", "A replica refuses writes of sessions",
						"Specify the primary or all servers in " + ServerCheck.this.optionNames.name(Option.HOSTS)
								+ ", or use Sentinel");
				return;
			}
			int connected = (int) this.info.number("connected_slaves");
			if (connected < ServerCheck.this.requirements.confirmReplicas()) {
				add(Severity.WARNING, "TOO_FEW_REPLICAS",
						"%d replicas are connected, but log-ins wait for %d".formatted(connected,
								ServerCheck.this.requirements.confirmReplicas()),
						"Each log-in waits until the confirmation timeout has passed, and a failover may still lose it",
						"Reconnect the missing replicas, or wait for fewer ("
								+ ServerCheck.this.optionNames.name(Option.CONFIRM_REPLICAS) + ")");
			}
			for (int i = 0; i < connected; i++) {
				Matcher replica = REPLICA.matcher(this.info.get("slave" + i, ""));
				if (replica.find() && !replica.group(3).equals("online")) {
					add(Severity.WARNING, "REPLICA_BEHIND", "The replica %s:%s is in state %s"
						.formatted(replica.group(1), replica.group(2), replica.group(3)),
							"A failover to it would lose sessions", "Check its log");
				}
			}
		}

		private void add(Severity severity, String code, String what, String why, String remedy) {
			this.findings.add(new Finding(severity, code, this.node, what, why, remedy));
		}

	}

}
