package app.session.redis.autoconfigure.servlet;

import java.util.List;

import app.session.redis.autoconfigure.properties.RedisSessionProperties.Passive;
import app.session.redis.servlet.PassiveRequestPolicy;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.ServletRequestPathUtils;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import org.springframework.web.util.pattern.PatternParseException;

/**
 * The requests that are passive by their path or a header, as the properties determine.
 */
final class ConfiguredPassiveRequests implements PassiveRequestPolicy {

	private final List<PathPattern> paths;

	private final @Nullable String header;

	ConfiguredPassiveRequests(Passive properties) {
		this.paths = properties.paths().stream().map(ConfiguredPassiveRequests::parse).toList();
		this.header = properties.header();
	}

	private static PathPattern parse(String path) {
		try {
			return PathPatternParser.defaultInstance.parse(path);
		}
		catch (PatternParseException ex) {
			throw new InvalidConfigurationPropertyValueException("app.session.redis.passive.paths", path,
					"It is not a path pattern: " + ex.toDetailedString());
		}
	}

	@Override
	public boolean isPassive(HttpServletRequest request) {
		return hasHeader(request) || hasPath(request);
	}

	private boolean hasHeader(HttpServletRequest request) {
		String value = (this.header != null) ? request.getHeader(this.header) : null;
		return value != null && !value.equalsIgnoreCase("false");
	}

	private boolean hasPath(HttpServletRequest request) {
		if (this.paths.isEmpty()) {
			return false;
		}
		PathContainer path = ServletRequestPathUtils.parse(request).pathWithinApplication();
		return this.paths.stream().anyMatch((pattern) -> pattern.matches(path));
	}

}
