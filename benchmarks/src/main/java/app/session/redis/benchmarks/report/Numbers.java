package app.session.redis.benchmarks.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/**
 * Formats numbers with three significant digits.
 */
final class Numbers {

	private Numbers() {
	}

	static String text(double number) {
		if (number == 0 || !Double.isFinite(number)) {
			return (number == 0) ? "0" : "–";
		}
		if (Math.abs(number) >= 1000) {
			double digits = Math.pow(10, Math.floor(Math.log10(Math.abs(number))) - 2);
			return String.format(Locale.ROOT, "%,d", Math.round(Math.round(number / digits) * digits));
		}
		if (Math.abs(number) < 0.0005) {
			return "0";
		}
		BigDecimal rounded = new BigDecimal(number).round(new MathContext(3)).stripTrailingZeros();
		return rounded.scale() < 0 ? rounded.setScale(0).toPlainString() : rounded.toPlainString();
	}

}
