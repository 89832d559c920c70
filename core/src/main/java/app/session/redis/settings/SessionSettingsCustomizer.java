package app.session.redis.settings;

/**
 * Changes the options of the session store before it is created. Beans of this type are
 * called in their order, after the properties were applied. The settings are checked
 * afterwards.
 */
@FunctionalInterface
public interface SessionSettingsCustomizer {

	/**
	 * Changes options.
	 * @param settings the builder of the settings
	 */
	void customize(SessionSettingsBuilder settings);

}
