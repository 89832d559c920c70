/**
 * Logout by an OpenID Connect provider, and refreshes of access tokens.
 */
@NullMarked
package app.session.redis.oauth2;

import org.jspecify.annotations.NullMarked;
