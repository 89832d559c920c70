package app.session.redis.codec;

import app.session.redis.Option;
import app.session.redis.OptionNames;
import tools.jackson.core.Version;

/**
 * Requires a Jackson release without known vulnerabilities in checking the types that
 * JSON names. {@link AllowedTypesValidator} and {@link AllowedTypeFactory} are effective
 * without these fixes; this check is a second line of defense.
 *
 * @see <a href="https://www.cve.org/CVERecord?id=CVE-2026-54512">CVE-2026-54512</a>
 * @see <a href="https://www.cve.org/CVERecord?id=CVE-2026-54513">CVE-2026-54513</a>
 */
final class JacksonVersion {

	/** 3.1 is the only 3.x line to which the fixes were backported. */
	static final Version LEAST = new Version(3, 1, 4, null, "tools.jackson.core", "jackson-databind");

	private JacksonVersion() {
	}

	/**
	 * Requires a release that is at least {@link #LEAST}.
	 * @param present the release on the class path
	 * @param optionNames the names of options in messages
	 * @throws IllegalStateException if it is older, or a preview of that release
	 */
	static void require(Version present, OptionNames optionNames) {
		if (!isAtLeast(present)) {
			throw new IllegalStateException("Session values can't be written or read as JSON with jackson-databind "
					+ present + ": it accepts types that it should refuse (CVE-2026-54512). Use " + LEAST
					+ " or later: with Spring Boot, set the property jackson-bom.version (Maven) or"
					+ " ext['jackson-bom.version'] (Gradle). Or store values with Java serialization ("
					+ optionNames.setting(Option.SERIALIZER, ValueForm.JDK) + ")");
		}
	}

	private static boolean isAtLeast(Version present) {
		if (present.getMajorVersion() != LEAST.getMajorVersion()) {
			return present.getMajorVersion() > LEAST.getMajorVersion();
		}
		if (present.getMinorVersion() != LEAST.getMinorVersion()) {
			return present.getMinorVersion() > LEAST.getMinorVersion();
		}
		return present.getPatchLevel() > LEAST.getPatchLevel()
				|| (present.getPatchLevel() == LEAST.getPatchLevel() && !present.isSnapshot());
	}

}
