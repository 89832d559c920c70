package app.session.redis.codec;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * Restricts the JSON of a failed login, which Spring Security keeps in the session, to
 * the message, without the credentials and the stack trace.
 */
@JsonIgnoreProperties({ "authenticationRequest", "cause", "localizedMessage", "stackTrace", "suppressed" })
interface AuthenticationExceptionMixin {

}
