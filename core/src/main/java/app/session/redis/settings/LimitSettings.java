package app.session.redis.settings;

/**
 * The limits of the number of sessions.
 *
 * @param perPrincipal how many sessions a principal may have; zero for no limit
 * @param onExceeded how a log-in beyond this limit is treated
 * @param total how many sessions can exist in total; zero for no limit
 */
public record LimitSettings(int perPrincipal, OnExceeded onExceeded, int total) {
}
