package app.session.redis.client;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for parsing the reply to {@code INFO}.
 */
class ServerInfoTests {

	private final ServerInfo info = ServerInfo.parse("# Server\r\nredis_version:7.2.4\r\nvalkey_version:8.1.0 \r\n"
			+ "\r\n# Memory\r\nused_memory:1024\r\nmaxmemory_policy:noeviction\r\n"
			+ "slave0:ip=10.0.0.1,port=6379,state=online\r\nexecutable:/usr/bin:redis\r\nbroken\r\n");

	@Test
	void valuesAreFoundByTheirNames() {
		assertThat(this.info.redisVersion()).isEqualTo("7.2.4");
		assertThat(this.info.valkeyVersion()).isEqualTo("8.1.0");
		assertThat(this.info.get("slave0")).isEqualTo("ip=10.0.0.1,port=6379,state=online");
		assertThat(this.info.get("executable")).isEqualTo("/usr/bin:redis");
		assertThat(this.info.number("used_memory")).isEqualTo(1024);
	}

	@Test
	void whatIsNotReportedIsAbsent() {
		assertThat(this.info.get("role")).isNull();
		assertThat(this.info.get("role", "?")).isEqualTo("?");
		assertThat(this.info.get("broken")).isNull();
		assertThat(this.info.get("# Server")).isNull();
		assertThat(this.info.number("maxmemory")).isZero();
	}

	@Test
	void anInvalidNumberIsZero() {
		assertThat(this.info.number("maxmemory_policy")).isZero();
	}

}
