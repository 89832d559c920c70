package app.session.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashSet;
import java.util.Set;

import com.tngtech.archunit.core.domain.JavaClass;

import org.springframework.asm.ClassReader;

/**
 * Reads the string constants of a class, which ArchUnit doesn't report: literals, and the
 * templates of concatenations.
 */
final class StringConstants {

	/** The tag of {@code CONSTANT_String} (Java Virtual Machine Specification, 4.4). */
	private static final int STRING_TAG = 8;

	private StringConstants() {
	}

	static Set<String> in(JavaClass type) {
		try (InputStream in = type.getSource().orElseThrow().getUri().toURL().openStream()) {
			return in(new ClassReader(in));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static Set<String> in(ClassReader reader) {
		Set<String> constants = new LinkedHashSet<>();
		char[] buffer = new char[reader.getMaxStringLength()];
		for (int i = 1; i < reader.getItemCount(); i++) {
			int offset = reader.getItem(i);
			if (offset > 0 && reader.readByte(offset - 1) == STRING_TAG) {
				constants.add(reader.readUTF8(offset, buffer));
			}
		}
		return constants;
	}

}
