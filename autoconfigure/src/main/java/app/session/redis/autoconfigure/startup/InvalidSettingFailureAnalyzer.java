package app.session.redis.autoconfigure.startup;

import app.session.redis.autoconfigure.properties.PropertyNames;
import app.session.redis.settings.InvalidSettingException;
import app.session.redis.settings.SessionSettingsCustomizer;

import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.Environment;

/**
 * Analyzes an {@link InvalidSettingException}. The report shows where the property is
 * set, or that it isn't, so that the value is the default or comes from a
 * {@link SessionSettingsCustomizer}.
 */
class InvalidSettingFailureAnalyzer extends AbstractFailureAnalyzer<InvalidSettingException> {

	private final Environment environment;

	InvalidSettingFailureAnalyzer(Environment environment) {
		this.environment = environment;
	}

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidSettingException cause) {
		String name = PropertyNames.INSTANCE.name(cause.getOption());
		String description = "Invalid value '%s' for configuration property '%s'%s. Validation failed for the following reason:%n%n%s"
			.formatted(cause.getValue(), name, source(name), cause.getReason());
		return new FailureAnalysis(description, cause.getAdvice(), cause);
	}

	private String source(String property) {
		ConfigurationPropertyName name = ConfigurationPropertyName.ofIfValid(property);
		if (name != null) {
			for (ConfigurationPropertySource source : ConfigurationPropertySources.get(this.environment)) {
				ConfigurationProperty found = source.getConfigurationProperty(name);
				if (found != null) {
					return (found.getOrigin() != null) ? " (originating from '" + found.getOrigin() + "')" : "";
				}
			}
		}
		return " (which is not set: the value is the default or comes from a SessionSettingsCustomizer bean)";
	}

}
