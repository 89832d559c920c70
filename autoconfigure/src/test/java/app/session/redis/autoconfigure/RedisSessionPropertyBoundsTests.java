package app.session.redis.autoconfigure;

import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import app.session.redis.autoconfigure.properties.PropertyNames;
import app.session.redis.autoconfigure.properties.RedisSessionConnectionProperties;
import app.session.redis.autoconfigure.properties.RedisSessionProperties;
import app.session.redis.settings.InvalidSettingException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.util.unit.DataSize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Tests both bounds of every numeric option and every duration.
 */
class RedisSessionPropertyBoundsTests {

	/**
	 * Name, value below the minimum, minimum, maximum, value above the maximum, other
	 * properties.
	 */
	static final String[] BOUNDS = { "connect-timeout,999us,1ms,1d,86400001ms", "command-timeout,0,1ms,1d,2d",
			"connect-retries,-1,0,1000,1001", "startup-timeout,0,1ms,3650d,3651d,startup=wait",
			"timeout,,-1d,3650d,36500d", "long-timeout,999ms,1s,3650d,3651d", "absolute-timeout,-1ms,0,3650d,3651d",
			"min-timeout,-1ms,0,3650d,3651d,max-timeout=3650d", "max-timeout,999ms,1s,3650d,3651d",
			"first-timeout,-1ms,0,3650d,3651d", "touch-interval,-1ms,0,365d,366d", "grace,10999ms,11s,49d,50d",
			"id-bytes,15,16,192,193", "id-overlap,-1ms,0,5m,6m", "confirm-replicas,-1,0,1000,1001",
			"confirm-timeout,0,1ms,1d,2d", "bot.first-timeout,-1ms,0,3650d,3651d", "bot.timeout,0,1ms,3650d,3651d",
			"limits.per-principal,-1,0,2147483647,", "limits.total,-1,0,2147483647,",
			"compression.threshold,-1B,0B,64MB,65MB", "circuit-breaker.failure-rate,0,1,100,101",
			"circuit-breaker.sliding-window,0,1,100000,100001", "circuit-breaker.open-for,0,1ms,1d,2d",
			"circuit-breaker.half-open-calls,0,1,100000,100001", "backoff.base,0,1ms,1d,2d,backoff.cap=1d",
			"backoff.cap,99ms,100ms,1d,2d", "pool.max-total,0,1,100000,100001,pool.enabled=true",
			"pool.max-idle,,-1,100000,100001", "pool.min-idle,-1,0,100000,100001", "pool.max-wait,,-1ms,1d,2d",
			"cluster.refresh-period,0,1ms,1d,2d", "cluster.max-redirects,-1,0,1000,1001",
			"collector.interval,0,1ms,1d,2d,grace=49d", "collector.batch-size,0,1,100000,100001",
			"lock.wait,-1ms,0,1d,2d", "lock.lease,0,1ms,1d,2d", "lock.max-waiters,-1,0,2147483647,",
			"client-binding.ipv4-prefix,-1,0,32,33", "client-binding.ipv6-prefix,-1,0,128,129",
			"near-cache.max-size,-1B,0B,1GB,", "near-cache.max-age,-1ms,0,10s,10001ms",
			"cookie.max-age,,-1,3650d,3651d" };

	/** Checked together with the address. */
	private static final Set<String> OF_ADDRESS = Set.of("port", "database");

	@Test
	void everyNumberAndDuration_hasBounds() {
		Set<String> names = new TreeSet<>();
		collect("", RedisSessionConnectionProperties.class, names);
		collect("", RedisSessionProperties.class, names);
		names.removeAll(OF_ADDRESS);
		assertThat(BOUNDS).extracting((bounds) -> bounds.split(",")[0]).containsExactlyInAnyOrderElementsOf(names);
	}

	@ParameterizedTest
	@FieldSource("BOUNDS")
	void valuesAtTheBounds_areAccepted(String bounds) {
		String[] columns = bounds.split(",", -1);
		assertThatNoException().isThrownBy(() -> check(columns, columns[2]));
		assertThatNoException().isThrownBy(() -> check(columns, columns[3]));
	}

	@ParameterizedTest
	@FieldSource("BOUNDS")
	void valuesBeyondTheBounds_areRefusedByName(String bounds) {
		String[] columns = bounds.split(",", -1);
		for (String value : new String[] { columns[1], columns[4] }) {
			if (!value.isEmpty()) {
				assertThatThrownBy(() -> check(columns, value))
					.satisfies((ex) -> assertThat(refused(ex)).isEqualTo("app.session.redis." + columns[0]));
			}
		}
	}

	/**
	 * Returns the name of the property, whether it or the setting of the core is refused.
	 */
	private static String refused(Throwable failure) {
		if (failure instanceof InvalidSettingException invalid) {
			return PropertyNames.INSTANCE.name(invalid.getOption());
		}
		assertThat(failure).isInstanceOf(InvalidConfigurationPropertyValueException.class);
		return ((InvalidConfigurationPropertyValueException) failure).getName();
	}

	private static void check(String[] columns, String value) {
		Map<String, Object> map = new LinkedHashMap<>();
		map.put("app.session.redis." + columns[0], value);
		for (int i = 5; i < columns.length; i++) {
			String[] other = columns[i].split("=");
			map.put("app.session.redis." + other[0], other[1]);
		}
		Binder binder = new Binder(Set.of(new MapConfigurationPropertySource(map)), null,
				ApplicationConversionService.getSharedInstance());
		RedisSessionPropertiesCheck.check(
				binder.bindOrCreate("app.session.redis", RedisSessionConnectionProperties.class),
				binder.bindOrCreate("app.session.redis", RedisSessionProperties.class));
	}

	private static void collect(String prefix, Class<?> type, Set<String> names) {
		for (RecordComponent component : type.getRecordComponents()) {
			Class<?> componentType = component.getType();
			String name = prefix + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
			if (isBounded(componentType)) {
				names.add(name.equals("lock.wait-time") ? "lock.wait" : name);
			}
			else if (componentType.isRecord()) {
				collect(name + ".", componentType, names);
			}
		}
	}

	private static boolean isBounded(@Nullable Class<?> type) {
		return type == int.class || type == Integer.class || type == Duration.class || type == DataSize.class;
	}

}
