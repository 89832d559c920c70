/**
 * The use cases: finding, saving, ending and locking sessions. Each use case returns a
 * stage, and none blocks.
 */
@NullMarked
package app.session.redis.engine;

import org.jspecify.annotations.NullMarked;
