package app.session.redis.autoconfigure.properties;

import java.util.List;

import app.session.redis.Option;
import app.session.redis.OptionNames;
import app.session.redis.settings.OnUnreadable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

import static org.assertj.core.api.Assertions.assertThat;

class PropertyNamesTests {

	private final OptionNames names = PropertyNames.INSTANCE;

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "COLLECTOR_LEASE")
	void eachOptionIsAProperty(Option option) {
		assertThat(ConfigurationMetadataTests.properties()).extracting((property) -> property.get("name").asString())
			.contains(this.names.name(option));
	}

	@Test
	void optionWithoutAPropertyIsAMethod() {
		assertThat(this.names.name(Option.COLLECTOR_LEASE)).isEqualTo("SessionSettingsBuilder.collectorLease");
	}

	@Test
	void valuesAreShownAsInAPropertiesFile() {
		assertThat(this.names.setting(Option.COLLECTOR_ENABLED, true))
			.isEqualTo("app.session.redis.collector.enabled=true");
		assertThat(this.names.setting(Option.ON_UNREADABLE, OnUnreadable.DROP_SESSION))
			.isEqualTo("app.session.redis.on-unreadable=drop-session");
		assertThat(this.names.render(Option.ALLOWED_TYPES, List.of("com.acme.Cart", "com.acme.shop")))
			.isEqualTo("app.session.redis.allowed-types=com.acme.Cart,com.acme.shop");
	}

}
