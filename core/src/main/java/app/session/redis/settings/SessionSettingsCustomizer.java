package app.session.redis.settings;

/**
 * Changes the settings of the session store before it is created. Beans of this type are
 * called in their order, after the properties were applied.
 */
@FunctionalInterface
public interface SessionSettingsCustomizer {

	/**
	 * Changes the settings.
	 * @param settings the settings
	 */
	void customize(SessionSettings settings);

}
