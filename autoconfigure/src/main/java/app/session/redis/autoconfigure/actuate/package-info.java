/**
 * Actuator support: the endpoint {@code redissessions} and health contributors.
 */
@NullMarked
package app.session.redis.autoconfigure.actuate;

import org.jspecify.annotations.NullMarked;
