package app.session.redis.autoconfigure.values;

import java.util.List;
import java.util.function.Function;

import app.session.redis.autoconfigure.properties.RedisSessionProperties.Passive;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import org.springframework.web.util.pattern.PatternParseException;

/**
 * The requests that are passive by their path or a header, as the properties determine.
 */
public final class ConfiguredPassiveRequests {

	private final List<PathPattern> paths;

	private final @Nullable String header;

	/**
	 * Creates the object.
	 * @param properties the properties
	 * @throws InvalidConfigurationPropertyValueException if a path pattern is invalid
	 */
	public ConfiguredPassiveRequests(Passive properties) {
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

	/**
	 * Returns whether a request is passive.
	 * @param <T> the type of the request
	 * @param request the request
	 * @param headers returns the value of one of its headers, or null
	 * @param path returns its path within the application
	 * @return whether it is passive
	 */
	public <T> boolean contain(T request, HeaderReader<T> headers, Function<T, PathContainer> path) {
		String value = (this.header != null) ? headers.read(request, this.header) : null;
		if (value != null && !value.equalsIgnoreCase("false")) {
			return true;
		}
		if (this.paths.isEmpty()) {
			return false;
		}
		PathContainer requested = path.apply(request);
		return this.paths.stream().anyMatch((pattern) -> pattern.matches(requested));
	}

	/**
	 * Returns the value of a header.
	 *
	 * @param <T> the type of the request
	 */
	@FunctionalInterface
	public interface HeaderReader<T> {

		/**
		 * Returns the value of a header.
		 * @param request the request
		 * @param name the name of the header
		 * @return its first value, or null
		 */
		@Nullable String read(T request, String name);

	}

}
