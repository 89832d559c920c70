/**
 * Real Redis for tests: servers and clusters as processes of their own, and what a test
 * needs around them: the commands clients sent, the network between, and other JVMs.
 */
@NullMarked
package app.session.redis.test;

import org.jspecify.annotations.NullMarked;
