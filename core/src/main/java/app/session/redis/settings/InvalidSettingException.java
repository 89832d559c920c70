package app.session.redis.settings;

import app.session.redis.Option;
import app.session.redis.OptionNames;

/**
 * Thrown if the value of an option is out of its bounds or contradicts another option.
 * Contains no secrets.
 */
public final class InvalidSettingException extends IllegalArgumentException {

	private static final long serialVersionUID = 1L;

	/** The option. */
	private final Option option;

	/** The invalid value. */
	private final String value;

	/** The reason. */
	private final String reason;

	/** What to change. */
	private final String advice;

	InvalidSettingException(OptionNames names, Option option, Object value, String reason, String advice) {
		super("Invalid value '" + value + "' of " + names.name(option) + ". " + reason + " " + advice);
		this.option = option;
		this.value = String.valueOf(value);
		this.reason = reason;
		this.advice = advice;
	}

	/**
	 * Returns the option with the invalid value.
	 * @return the option
	 */
	public Option getOption() {
		return this.option;
	}

	/**
	 * Returns the invalid value.
	 * @return the value as a string
	 */
	public String getValue() {
		return this.value;
	}

	/**
	 * Returns why the value is invalid. Other options are named as {@link OptionNames}
	 * defines.
	 * @return one or more sentences
	 */
	public String getReason() {
		return this.reason;
	}

	/**
	 * Returns what to change.
	 * @return one or more sentences
	 */
	public String getAdvice() {
		return this.advice;
	}

}
