/**
 * Real Redis servers and clusters for tests, each in its own process, with utilities for
 * recording commands, simulating the network, and starting other JVMs.
 */
@NullMarked
package app.session.redis.test;

import org.jspecify.annotations.NullMarked;
