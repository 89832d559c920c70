package app.session.redis.autoconfigure.connection;

import java.util.stream.Collectors;

import app.session.redis.autoconfigure.properties.RedisSessionConfigurationException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests the meaning of URLs, in particular where Lettuce's {@code RedisURI} differs.
 */
class RedisSessionUrlTests {

	@ParameterizedTest
	@CsvSource(nullValues = "-", textBlock = """
			redis://h,                               h:6379,        -,   -,      -
			REDIS://h/,                              h:6379,        -,   -,      -
			redis://h:1/3,                           h:1,           -,   -,      3
			redis://pw@h,                            h:6379,        -,   pw,     -
			redis://:pw@h,                           h:6379,        -,   pw,     -
			redis://u:@h,                            h:6379,        u,   -,      -
			redis://u:p:w@h,                         h:6379,        u,   p:w,    -
			redis://u:p%40%2B+%2525@h,               h:6379,        u,   p@++%25, -
			redis://u%3An:pw@h,                      h:6379,        u:n, pw,     -
			redis://a%3Ab@h,                         h:6379,        -,   a:b,    -
			redis://u:pw@my_redis:7000/2,            my_redis:7000, u,   pw,     2
			redis://u:pw@[::1]:7000,                 [::1]:7000,    u,   pw,     -
			rediss://[::1],                          [::1]:6379,    -,   -,      -
			'redis://u:pw@a,b:1/2',                  a:6379 b:1,    u,   pw,     2
			'redis-sentinel://u%3An:p@a,b:1/2#m',    a:26379 b:1,   u:n, p,      2
			redis-sentinel://a,                      a:26379,       -,   -,      -
			""")
	void serversAndCredentials(String text, String addresses, String username, String password, Integer database) {
		RedisSessionUrl url = RedisSessionUrl.parse(text);
		assertThat(url.addresses().stream().map(HostAndPort::toString).collect(Collectors.joining(" ")))
			.isEqualTo(addresses);
		assertThat(url.username()).isEqualTo(username);
		assertThat(url.password()).isEqualTo(password);
		assertThat(url.database()).isEqualTo(database);
	}

	@ParameterizedTest
	@CsvSource(nullValues = "-", textBlock = """
			redis-sentinel://a,                      -
			redis-sentinel://a#m%20x,                m x
			redis-sentinel://a?sentinelMasterId=m%2Bx, m+x
			rediss-sentinel://a?sentinelmasterid=m,  m
			""")
	void nameOfThePrimary(String text, String master) {
		assertThat(RedisSessionUrl.parse(text).sentinelMaster()).isEqualTo(master);
	}

	@ParameterizedTest
	@CsvSource(nullValues = "-", textBlock = """
			redis-socket:///run/r.sock,              /run/r.sock, -,  -
			redis-socket:///a%20b?database=2,        /a b,        -,  2
			redis-socket://u:pw@/run/r.sock,         /run/r.sock, pw, -
			""")
	void socket(String text, String path, String password, Integer database) {
		RedisSessionUrl url = RedisSessionUrl.parse(text);
		assertThat(url.socket()).isEqualTo(path);
		assertThat(url.password()).isEqualTo(password);
		assertThat(url.database()).isEqualTo(database);
	}

	@ParameterizedTest
	@ValueSource(strings = { "redis://", "redis://:secret@h:", "redis://:secret@h:0", "redis://:secret@h:x",
			"redis://:secret@h:99999", "redis://:secret@h/x", "redis://:secret@h/-1", "redis://:secret@h/1/2",
			"redis://:secret@h/9999999999", "redis://:secret@h?timeout=1s", "redis://:secret@h?database=2",
			"redis://:secret@h?verifyPeer=NONE", "redis://:secret@h#x", "redis://u:secret#w@h", "redis://u:secret/w@h",
			"redis://u:secret w@h", "redis://u:secret%zz@h", "redis+ssl://:secret@h", "redis+tls://:secret@h",
			"redis+socket://:secret@/a", "http://:secret@h", "redis-sentinel://:secret@a,#m",
			"redis-sentinel://:secret@a:0#m", "redis-socket://:secret@run/r.sock", "redis-socket://:secret@/a?db=2",
			"redis-socket://:secret@/a?database=x" })
	void isRefusedWithoutBeingShown(String text) {
		assertThatExceptionOfType(RedisSessionConfigurationException.class)
			.isThrownBy(() -> RedisSessionUrl.parse(text))
			.withNoCause()
			.satisfies((ex) -> assertThat(ex.getMessage()).contains("app.session.redis.url").doesNotContain("secret"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", ":1", "[]", "[::1", "[::1]x", "[::1]:", "a:", "a:b", "a:0", "a:65536", "a:1:2" })
	void isNoAddress(String text) {
		assertThat(HostAndPort.parse(text, 1)).isNull();
	}

}
