package app.session.redis.servlet;

import java.io.IOException;
import java.io.PrintWriter;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import org.jspecify.annotations.Nullable;

/**
 * The response that the application receives. Before an operation commits the response,
 * the session is saved and its id is sent to the client, because afterwards no header can
 * be added any more. Operations that don't commit the response don't save the session.
 *
 * <p>
 * Content is counted in bytes, as encoded for the client, because a container commits the
 * response when its buffer is full, when the announced length is reached, and, except for
 * Tomcat, when a single write is larger than a part of its buffer.
 */
final class SessionResponse extends HttpServletResponseWrapper {

	/**
	 * Jetty passes a single write on to the client if it is larger than its aggregation
	 * buffer, which by default has a quarter of the size of the output buffer.
	 */
	private static final int PART_OF_BUFFER = 4;

	private final SessionRequest request;

	private boolean committing;

	private long announced = -1;

	private long written;

	private @Nullable ServletOutputStream stream;

	private @Nullable PrintWriter writer;

	SessionResponse(SessionRequest request, HttpServletResponse response) {
		super(response);
		this.request = request;
	}

	private boolean isTomcat() {
		String server = this.request.getServletContext().getServerInfo();
		return server != null && server.startsWith("Apache Tomcat");
	}

	private HttpServletResponse response() {
		return (HttpServletResponse) getResponse();
	}

	/** Saves the session and sends its id, unless the response is already committed. */
	void beforeCommit() {
		// Saving may write to the response, for example in a listener
		if (this.committing || response().isCommitted()) {
			return;
		}
		this.committing = true;
		try {
			this.request.commitSession();
		}
		finally {
			this.committing = false;
		}
	}

	/** Called before content is written in a single operation. */
	void beforeWrite(long bytes) {
		this.written += bytes;
		if (this.committing || response().isCommitted()) {
			return;
		}
		int bufferSize = response().getBufferSize();
		boolean full = bufferSize > 0
				&& (this.written >= bufferSize || (bytes > bufferSize / PART_OF_BUFFER && !isTomcat()));
		if (full || (this.announced >= 0 && this.written >= this.announced)) {
			beforeCommit();
		}
	}

	/**
	 * Called before a buffer is written, which other containers than Tomcat don't copy.
	 */
	void beforeWriteOfBuffer(int bytes) {
		beforeWrite(bytes);
		if (bytes > 0 && !isTomcat()) {
			beforeCommit();
		}
	}

	private void announce(long length) {
		this.announced = length;
		if (length > 0 && this.written >= length) {
			beforeCommit();
		}
	}

	private void announce(String name, @Nullable String value) {
		if (!"Content-Length".equalsIgnoreCase(name)) {
			return;
		}
		try {
			announce((value != null) ? Long.parseLong(value.trim()) : -1);
		}
		catch (NumberFormatException ex) {
			// The container decides about it
			announce(-1);
		}
	}

	@Override
	public void setContentLength(int length) {
		announce(length);
		super.setContentLength(length);
	}

	@Override
	public void setContentLengthLong(long length) {
		announce(length);
		super.setContentLengthLong(length);
	}

	@Override
	public void setHeader(String name, @Nullable String value) {
		announce(name, value);
		super.setHeader(name, value);
	}

	@Override
	public void addHeader(String name, @Nullable String value) {
		announce(name, value);
		super.addHeader(name, value);
	}

	@Override
	public void setIntHeader(String name, int value) {
		announce(name, Integer.toString(value));
		super.setIntHeader(name, value);
	}

	@Override
	public void addIntHeader(String name, int value) {
		announce(name, Integer.toString(value));
		super.addIntHeader(name, value);
	}

	@Override
	public void sendError(int status) throws IOException {
		beforeCommit();
		super.sendError(status);
	}

	@Override
	public void sendError(int status, @Nullable String message) throws IOException {
		beforeCommit();
		super.sendError(status, message);
	}

	// Each overload is delegated on its own, because containers implement them
	// differently

	@Override
	public void sendRedirect(String location) throws IOException {
		beforeCommit();
		response().sendRedirect(location);
	}

	@Override
	public void sendRedirect(String location, boolean clearBuffer) throws IOException {
		beforeCommit();
		response().sendRedirect(location, clearBuffer);
	}

	@Override
	public void sendRedirect(String location, int status) throws IOException {
		beforeCommit();
		response().sendRedirect(location, status);
	}

	@Override
	public void sendRedirect(String location, int status, boolean clearBuffer) throws IOException {
		beforeCommit();
		response().sendRedirect(location, status, clearBuffer);
	}

	@Override
	public void flushBuffer() throws IOException {
		beforeCommit();
		super.flushBuffer();
	}

	@Override
	public void resetBuffer() {
		super.resetBuffer();
		this.written = 0;
	}

	/** Resets the response. An id that was added to it is sent again later. */
	@Override
	public void reset() {
		super.reset();
		this.written = 0;
		this.announced = -1;
		this.stream = null;
		this.writer = null;
		this.request.idNotSent();
	}

	@Override
	public ServletOutputStream getOutputStream() throws IOException {
		if (this.stream == null) {
			this.stream = new SessionOutputStream(super.getOutputStream(), this);
		}
		return this.stream;
	}

	@Override
	public PrintWriter getWriter() throws IOException {
		if (this.writer == null) {
			this.writer = new SessionWriter(super.getWriter(), this);
		}
		return this.writer;
	}

}
