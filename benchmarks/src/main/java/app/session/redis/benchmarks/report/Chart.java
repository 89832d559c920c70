package app.session.redis.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A chart as SVG. Its background is transparent; its colours have enough contrast on
 * white and on black.
 */
final class Chart {

	private static final String[] COLOURS = { "#2f81f7", "#d9822b", "#a371f7", "#3fa45b", "#8b949e", "#c9617a" };

	private static final String INK = "#7d8590";

	private static final int WIDTH = 760;

	private static final int LEFT = 210;

	private static final int RIGHT = 110;

	private static final int BAR = 16;

	private static final int HEIGHT = 320;

	private final String title;

	private final List<String> stores;

	private final List<String> names = new ArrayList<>();

	private final List<Map<String, Spread>> groups = new ArrayList<>();

	Chart(String title, List<String> stores) {
		this.title = title;
		this.stores = List.copyOf(stores);
	}

	void group(String name, Map<String, Spread> values) {
		this.names.add(name);
		this.groups.add(values);
	}

	/**
	 * Draws horizontal bars, one group for each scenario, with the range as a thin line.
	 */
	String bars() {
		StringBuilder body = new StringBuilder();
		double most = most();
		int y = 56;
		for (int i = 0; i < this.groups.size(); i++) {
			Map<String, Spread> group = this.groups.get(i);
			text(body, LEFT - 10, y + group.size() * BAR / 2.0 + 4, "end", INK, this.names.get(i));
			for (Map.Entry<String, Spread> bar : group.entrySet()) {
				Spread spread = bar.getValue();
				double width = scale(spread.median(), most);
				body.append(format("<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n", LEFT, y,
						width, BAR - 3, colour(bar.getKey())));
				double middle = y + (BAR - 3) / 2.0;
				line(body, LEFT + scale(spread.min(), most), middle, LEFT + scale(spread.max(), most), middle, INK, 1);
				text(body, LEFT + scale(spread.max(), most) + 6, y + 11, "start", INK, Numbers.text(spread.median()));
				y += BAR;
			}
			y += 14;
		}
		return svg(y + 4, body);
	}

	/** Draws lines over groups that are the levels of a quantity. */
	String lines() {
		StringBuilder body = new StringBuilder();
		double most = most();
		int bottom = HEIGHT - 40;
		int left = 70;
		double step = (WIDTH - left - RIGHT) / Math.max(1.0, this.groups.size() - 1.0);
		line(body, left, bottom, WIDTH - 60, bottom, INK, 1);
		for (int tick = 0; tick <= 4; tick++) {
			double y = bottom - (bottom - 70) * tick / 4.0;
			text(body, left - 8, y + 4, "end", INK, Numbers.text(most * tick / 4));
		}
		for (int i = 0; i < this.names.size(); i++) {
			text(body, left + i * step, bottom + 20, "middle", INK, this.names.get(i));
		}
		for (String store : this.stores) {
			double lastX = -1;
			double lastY = -1;
			for (int i = 0; i < this.groups.size(); i++) {
				Spread spread = this.groups.get(i).get(store);
				if (spread != null) {
					double x = left + i * step;
					double y = bottom - (bottom - 70) * spread.median() / most;
					if (lastX >= 0) {
						line(body, lastX, lastY, x, y, colour(store), 2);
					}
					body.append(format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"/>%n", x, y, colour(store)));
					lastX = x;
					lastY = y;
				}
			}
		}
		return svg(HEIGHT, body);
	}

	private double most() {
		return this.groups.stream()
			.flatMap((group) -> group.values().stream())
			.mapToDouble(Spread::max)
			.filter((value) -> value > 0)
			.max()
			.orElse(1);
	}

	private static double scale(double value, double most) {
		return Math.max(0, value) / most * (WIDTH - LEFT - RIGHT);
	}

	private String colour(String store) {
		return COLOURS[Math.floorMod(this.stores.indexOf(store), COLOURS.length)];
	}

	private String svg(int height, StringBuilder body) {
		StringBuilder svg = new StringBuilder();
		svg.append(format(
				"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
						+ " font-family=\"sans-serif\" font-size=\"12\" role=\"img\">%n",
				WIDTH, height, WIDTH, height));
		svg.append("<title>" + escape(this.title) + "</title>\n");
		text(svg, 10, 18, "start", INK, this.title);
		double x = 10;
		for (String store : this.stores) {
			svg.append(
					format("<rect x=\"%.1f\" y=\"28\" width=\"11\" height=\"11\" fill=\"%s\"/>%n", x, colour(store)));
			text(svg, x + 16, 38, "start", INK, store);
			x += 34 + store.length() * 7;
		}
		return svg.append(body).append("</svg>\n").toString();
	}

	private static void text(StringBuilder svg, double x, double y, String anchor, String colour, String text) {
		svg.append(format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"%s\">%s</text>%n", x, y, anchor,
				colour, escape(text)));
	}

	private static void line(StringBuilder svg, double x1, double y1, double x2, double y2, String colour, int width) {
		svg.append(format("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-width=\"%d\"/>%n",
				x1, y1, x2, y2, colour, width));
	}

	private static String format(String format, Object... values) {
		return String.format(Locale.ROOT, format.replace("%n", "\n"), values);
	}

	private static String escape(String text) {
		return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
	}

}
