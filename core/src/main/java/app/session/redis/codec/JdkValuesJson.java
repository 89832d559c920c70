package app.session.redis.codec;

import java.math.MathContext;
import java.util.BitSet;
import java.util.Date;
import java.util.GregorianCalendar;
import java.util.HexFormat;
import java.util.Locale;
import java.util.TimeZone;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.module.SimpleModule;

import org.springframework.util.ClassUtils;

/**
 * JSON of JDK values of which Jackson writes only a part: calendars, time zones, locales,
 * bit sets and SQL dates.
 */
final class JdkValuesJson {

	private JdkValuesJson() {
	}

	static JacksonModule module(@Nullable ClassLoader classLoader) {
		SimpleModule module = new SimpleModule("app.session.redis.jdk");
		new TextJson<>(Locale.class, Locale::toLanguageTag, (text, reading) -> locale(text)).addTo(module);
		new TextJson<>(TimeZone.class, TimeZone::getID, (text, reading) -> timeZone(text)).addTo(module);
		new TextJson<>(GregorianCalendar.class, JdkValuesJson::text, (text, reading) -> calendar(text)).addTo(module);
		new TextJson<>(BitSet.class, (bits) -> HexFormat.of().formatHex(bits.toByteArray()),
				(text, reading) -> BitSet.valueOf(HexFormat.of().parseHex(text)))
			.addTo(module);
		new TextJson<>(MathContext.class, MathContext::toString, (text, reading) -> new MathContext(text))
			.addTo(module);
		new TextJson<>(StackTraceElement.class, ThrowableJson::text, (text, reading) -> ThrowableJson.element(text))
			.addTo(module);
		if (ClassUtils.isPresent("java.sql.Timestamp", classLoader)) {
			SqlDates.addTo(module);
		}
		return module;
	}

	private static @Nullable Locale locale(String tag) {
		return tag.equals("und") ? Locale.ROOT : Locale.forLanguageTag(tag);
	}

	/**
	 * Returns the zone, or null if this JVM doesn't know it, since it would become GMT.
	 */
	private static @Nullable TimeZone timeZone(String id) {
		TimeZone zone = TimeZone.getTimeZone(id);
		return zone.getID().equals(id) ? zone : null;
	}

	private static String text(GregorianCalendar value) {
		// Reading the time of a calendar may change it
		GregorianCalendar calendar = (GregorianCalendar) value.clone();
		return calendar.getTimeInMillis() + "," + calendar.getTimeZone().getID() + "," + calendar.isLenient() + ","
				+ calendar.getFirstDayOfWeek() + "," + calendar.getMinimalDaysInFirstWeek() + ","
				+ calendar.getGregorianChange().getTime();
	}

	private static @Nullable GregorianCalendar calendar(String text) {
		String[] parts = text.split(",", -1);
		TimeZone zone = timeZone(parts[1]);
		if (zone == null) {
			return null;
		}
		GregorianCalendar calendar = new GregorianCalendar(zone, Locale.ROOT);
		calendar.setGregorianChange(new Date(Long.parseLong(parts[5])));
		calendar.setFirstDayOfWeek(Integer.parseInt(parts[3]));
		calendar.setMinimalDaysInFirstWeek(Integer.parseInt(parts[4]));
		calendar.setTimeInMillis(Long.parseLong(parts[0]));
		calendar.getTime();
		calendar.setLenient(Boolean.parseBoolean(parts[2]));
		return calendar;
	}

	/** A separate class, since the module java.sql may be absent. */
	private static final class SqlDates {

		private SqlDates() {
		}

		static void addTo(SimpleModule module) {
			new TextJson<>(java.sql.Timestamp.class, SqlDates::text, (text, reading) -> timestamp(text)).addTo(module);
			new TextJson<>(java.sql.Date.class, (date) -> Long.toString(date.getTime()),
					(text, reading) -> new java.sql.Date(Long.parseLong(text)))
				.addTo(module);
			new TextJson<>(java.sql.Time.class, (time) -> Long.toString(time.getTime()),
					(text, reading) -> new java.sql.Time(Long.parseLong(text)))
				.addTo(module);
		}

		private static String text(java.sql.Timestamp value) {
			return value.getTime() + "," + value.getNanos();
		}

		private static java.sql.Timestamp timestamp(String text) {
			int comma = text.indexOf(',');
			java.sql.Timestamp timestamp = new java.sql.Timestamp(Long.parseLong(text.substring(0, comma)));
			timestamp.setNanos(Integer.parseInt(text.substring(comma + 1)));
			return timestamp;
		}

	}

}
