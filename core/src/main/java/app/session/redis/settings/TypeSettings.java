package app.session.redis.settings;

import java.util.List;

import app.session.redis.codec.TypeCheck;

/**
 * The settings of the types that may be stored.
 *
 * @param allowed the names of classes and packages that are allowed in addition to the
 * built-in ones
 * @param allowedLambdas the names of classes and packages whose lambdas are allowed
 * @param check how types that are not allowed are treated
 */
public record TypeSettings(List<String> allowed, List<String> allowedLambdas, TypeCheck check) {

	/**
	 * Copies the collections.
	 * @param allowed the names of classes and packages that are allowed in addition to
	 * the built-in ones
	 * @param allowedLambdas the names of classes and packages whose lambdas are allowed
	 * @param check how types that are not allowed are treated
	 */
	public TypeSettings {
		allowed = List.copyOf(allowed);
		allowedLambdas = List.copyOf(allowedLambdas);
	}

}
