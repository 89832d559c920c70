/**
 * The sample application: its main class, its security, and the model of every page.
 */
@NullMarked
package app.session.redis.sample;

import org.jspecify.annotations.NullMarked;
