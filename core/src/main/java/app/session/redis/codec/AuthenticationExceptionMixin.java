package app.session.redis.codec;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * Of a failed log-in, which Spring Security keeps in the session, the message is kept:
 * neither the credentials nor the way through the code.
 */
@JsonIgnoreProperties({ "authenticationRequest", "cause", "localizedMessage", "stackTrace", "suppressed" })
interface AuthenticationExceptionMixin {

}
