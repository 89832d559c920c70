package app.session.redis.autoconfigure.servlet.contract;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import app.session.redis.autoconfigure.servlet.contract.ContractClient.Answer;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Content of any length, in characters of one to four bytes, that a servlet writes in any
 * way: the cookie is part of the response, however soon the content commits it.
 */
interface ContentStatements extends SessionContract {

	@ParameterizedTest
	@EnumSource
	default void contentOfANewSession_followsItsCookie(Writing writing) {
		for (String text : writing.texts()) {
			ContractClient client = newClient();
			Answer answer = client.run((request, response) -> {
				request.getSession().setAttribute("name", "value");
				writing.write(response, text);
			});
			assertThat(answer.body()).isEqualTo(text);
			client.assertSessionCookieSetOnce(answer, description(text));
			assertThat(client.attribute("name")).isEqualTo("value");
		}
	}

	@ParameterizedTest
	@EnumSource
	default void content_keepsChangesBeforeAndAfterIt(Writing writing) {
		for (String text : writing.texts()) {
			openSession("name", "value");
			Answer answer = client().run((request, response) -> {
				request.getSession().setAttribute("before", text.length());
				writing.write(response, text);
				request.getSession().setAttribute("after", text.length());
			});
			assertThat(answer.body()).isEqualTo(text);
			client().assertNoSessionCookieSet(answer);
			assertThat(client().attribute("before")).isEqualTo(text.length());
			assertThat(client().attribute("after")).isEqualTo(text.length());
		}
	}

	@ParameterizedTest
	@EnumSource
	default void sessionAfterContent_canBeCreatedUntilTheResponseIsCommitted(Writing writing) {
		for (String text : writing.texts()) {
			ContractClient client = newClient();
			boolean[] committed = new boolean[1];
			Answer answer = client.run((request, response) -> {
				writing.write(response, text);
				committed[0] = response.isCommitted();
				if (committed[0]) {
					assertThatIllegalStateException().isThrownBy(request::getSession);
				}
				else {
					request.getSession().setAttribute("name", "value");
				}
			});
			assertThat(answer.body()).isEqualTo(text);
			if (committed[0]) {
				client.assertNoSessionCookieSet(answer);
			}
			else {
				client.assertSessionCookieSetOnce(answer, description(text));
				assertThat(client.attribute("name")).isEqualTo("value");
			}
		}
	}

	@ParameterizedTest
	@EnumSource
	default void changedIdAfterContent_reachesTheClientUntilTheResponseIsCommitted(Writing writing) {
		for (String text : writing.texts()) {
			openSession("name", "value");
			client().run((request, response) -> {
				writing.write(response, text);
				if (!response.isCommitted()) {
					request.changeSessionId();
				}
			});
			assertThat(client().attribute("name")).isEqualTo("value");
		}
	}

	private static String description(String text) {
		return text.length() + " chars, beginning with U+" + Integer.toHexString(text.codePointAt(0));
	}

	@Test
	default void writer_writesEachTypeAsUsual() {
		StringWriter expected = new StringWriter();
		writeEachType(new PrintWriter(expected));
		Answer answer = client().run((request, response) -> {
			request.getSession();
			response.setContentType("text/plain;charset=UTF-8");
			writeEachType(response.getWriter());
		});
		assertThat(answer.body()).isEqualTo(expected.toString());
		client().assertSessionCookieSetOnce(answer);
	}

	private static void writeEachType(PrintWriter writer) {
		writer.print(true);
		writer.print('c');
		writer.print(1);
		writer.print(2L);
		writer.print(3.5f);
		writer.print(4.5);
		writer.print("string");
		writer.print((String) null);
		writer.print((Object) null);
		writer.print(List.of(1));
		writer.print(new char[] { 'a', 'b' });
		writer.println();
		writer.println(true);
		writer.println('c');
		writer.println(1);
		writer.println(2L);
		writer.println(3.5f);
		writer.println(4.5);
		writer.println("string");
		writer.println((String) null);
		writer.println(List.of(1));
		writer.println(new char[] { 'a', 'b' });
		writer.append(null).append("xyz", 1, 2).append('c');
		writer.write("xyz", 1, 1);
		writer.write('w');
		writer.printf("%d-%s", 1, null).format(Locale.GERMANY, "%.1f", 1.5);
	}

	@Test
	default void stream_writesEachTypeAsUsual() {
		Answer answer = client().run((request, response) -> {
			request.getSession();
			ServletOutputStream stream = response.getOutputStream();
			stream.print(true);
			stream.print('c');
			stream.print(1);
			stream.print(2L);
			stream.print(3.5f);
			stream.print(4.5);
			stream.print("string");
			stream.println();
			stream.println(false);
			stream.println('c');
			stream.println(1);
			stream.println(2L);
			stream.println(3.5f);
			stream.println(4.5);
			stream.println("string");
		});
		assertThat(answer.body()).isEqualTo("truec123.54.5string\r\nfalse\r\nc\r\n1\r\n2\r\n3.5\r\n4.5\r\nstring\r\n");
		client().assertSessionCookieSetOnce(answer);
	}

	@Test
	default void contentOfAWriteListener_followsTheCookie() {
		byte[] content = "x".repeat(70_000).getBytes(StandardCharsets.US_ASCII);
		Answer answer = client().run((request, response) -> {
			request.getSession().setAttribute("name", "value");
			AsyncContext context = request.startAsync();
			ServletOutputStream stream = response.getOutputStream();
			stream.setWriteListener(new WriteListener() {

				private int written;

				@Override
				public void onWritePossible() throws IOException {
					while (stream.isReady()) {
						if (this.written == content.length) {
							context.complete();
							return;
						}
						int length = Math.min(10_000, content.length - this.written);
						stream.write(content, this.written, length);
						this.written += length;
					}
				}

				@Override
				public void onError(Throwable failure) {
					server().behaviours().fail(failure);
					context.complete();
				}

			});
		});
		assertThat(answer.body()).hasSize(70_000);
		client().assertSessionCookieSetOnce(answer);
		assertThat(client().attribute("name")).isEqualTo("value");
	}

	@Test
	default void sessionThatAWriteListenerCreates_isKept() {
		Answer answer = client().run((request, response) -> {
			AsyncContext context = request.startAsync();
			ServletOutputStream stream = response.getOutputStream();
			stream.setWriteListener(new WriteListener() {

				@Override
				public void onWritePossible() throws IOException {
					request.getSession().setAttribute("name", "value");
					if (stream.isReady()) {
						stream.write(new byte[] { 'x' });
					}
					context.complete();
				}

				@Override
				public void onError(Throwable failure) {
					server().behaviours().fail(failure);
					context.complete();
				}

			});
		});
		assertThat(answer.body()).isEqualTo("x");
		client().assertSessionCookieSetOnce(answer);
		assertThat(client().attribute("name")).isEqualTo("value");
	}

	/**
	 * A way to write text.
	 */
	enum Writing {

		PRINT {
			@Override
			void write(PrintWriter writer, String text) {
				writer.print(text);
			}
		},
		PRINT_OBJECT {
			@Override
			void write(PrintWriter writer, String text) {
				writer.print(new StringBuilder(text));
			}
		},
		PRINT_CHARACTERS {
			@Override
			void write(PrintWriter writer, String text) {
				writer.print(text.toCharArray());
			}
		},
		PRINT_EACH_CHARACTER {
			@Override
			void write(PrintWriter writer, String text) {
				text.chars().forEach((character) -> writer.print((char) character));
			}
		},
		PRINT_LINE {
			@Override
			void write(PrintWriter writer, String text) {
				// The last line break is written on its own
				writer.println(text.substring(0, text.length() - System.lineSeparator().length()));
			}

			@Override
			String text(String character, int length) {
				return super.text(character, length) + System.lineSeparator();
			}
		},
		PRINTF {
			@Override
			void write(PrintWriter writer, String text) {
				writer.printf("%s%s", text.substring(0, 50), text.substring(50));
			}
		},
		PRINTF_WITH_LOCALE {
			@Override
			void write(PrintWriter writer, String text) {
				writer.printf(Locale.ROOT, "%s", text);
			}
		},
		FORMAT {
			@Override
			void write(PrintWriter writer, String text) {
				writer.format("%s", text);
			}
		},
		APPEND {
			@Override
			void write(PrintWriter writer, String text) {
				writer.append(text.substring(0, 50)).append(text, 50, text.length());
			}
		},
		APPEND_EACH_CHARACTER {
			@Override
			void write(PrintWriter writer, String text) {
				text.chars().forEach((character) -> writer.append((char) character));
			}
		},
		WRITE {
			@Override
			void write(PrintWriter writer, String text) {
				writer.write(text);
			}
		},
		WRITE_PARTS {
			@Override
			void write(PrintWriter writer, String text) {
				writer.write(text, 0, 50);
				writer.write(text, 50, text.length() - 50);
			}
		},
		WRITE_CHARACTERS {
			@Override
			void write(PrintWriter writer, String text) {
				writer.write(text.toCharArray());
			}
		},
		WRITE_PARTS_OF_CHARACTERS {
			@Override
			void write(PrintWriter writer, String text) {
				writer.write(text.toCharArray(), 0, 50);
				writer.write(text.toCharArray(), 50, text.length() - 50);
			}
		},
		WRITE_EACH_CHARACTER {
			@Override
			void write(PrintWriter writer, String text) {
				text.chars().forEach(writer::write);
			}
		},
		STREAM_PRINT {
			@Override
			void write(HttpServletResponse response, String text) throws IOException {
				response.getOutputStream().print(text);
			}

			@Override
			List<String> characters() {
				return List.of("x");
			}
		},
		STREAM_WRITE {
			@Override
			void write(HttpServletResponse response, String text) throws IOException {
				response.getOutputStream().write(ContractClient.bytes(text));
			}
		},
		STREAM_WRITE_PARTS {
			@Override
			void write(HttpServletResponse response, String text) throws IOException {
				byte[] bytes = ContractClient.bytes(text);
				response.getOutputStream().write(bytes, 0, 50);
				response.getOutputStream().write(bytes, 50, bytes.length - 50);
			}
		},
		STREAM_WRITE_EACH_BYTE {
			@Override
			void write(HttpServletResponse response, String text) throws IOException {
				for (byte value : ContractClient.bytes(text)) {
					response.getOutputStream().write(value);
				}
			}
		},
		STREAM_WRITE_BUFFER {
			@Override
			void write(HttpServletResponse response, String text) throws IOException {
				response.getOutputStream().write(ByteBuffer.wrap(ContractClient.bytes(text)));
			}
		};

		void write(PrintWriter writer, String text) {
			throw new UnsupportedOperationException();
		}

		void write(HttpServletResponse response, String text) throws IOException {
			response.setContentType("text/plain;charset=UTF-8");
			write(response.getWriter(), text);
		}

		/** Characters of one, two, three and four bytes in UTF-8. */
		List<String> characters() {
			return List.of("x", "\u00e9", "\u20ac", "\ud83d\ude00");
		}

		String text(String character, int length) {
			return character.repeat(length / character.length());
		}

		List<String> texts() {
			List<String> texts = new ArrayList<>();
			for (String character : characters()) {
				for (int length : new int[] { 100, 5_000, 8_192, 70_000 }) {
					texts.add(text(character, length));
				}
			}
			return texts;
		}

	}

}
