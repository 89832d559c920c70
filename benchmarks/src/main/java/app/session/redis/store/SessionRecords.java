package app.session.redis.store;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

import app.session.redis.SessionId;
import app.session.redis.client.Reply;
import app.session.redis.codec.SessionSeals;

/**
 * Creates session records without Redis.
 */
public final class SessionRecords {

	private SessionRecords() {
	}

	/**
	 * Creates a record from a reply in the format that Redis sends.
	 * @param attributes encoded attributes by name
	 * @return the record
	 */
	public static SessionRecord of(Map<String, byte[]> attributes) {
		SessionHeader header = new SessionHeader(SessionHeader.digest("secret"), Instant.EPOCH, Duration.ofMinutes(30),
				Duration.ofMinutes(5), null, null);
		Reply.Output output = new Reply.Output();
		output.set(ByteBuffer.wrap(new byte[] { 'm' }));
		output.set(ByteBuffer.wrap(header.encode(new byte[0])));
		attributes.forEach((name, value) -> {
			output.set(ByteBuffer.wrap(StoredName.field(name)));
			output.set(ByteBuffer.wrap(value));
		});
		int size = 2 + 2 * attributes.size();
		SessionContent content = SessionContent.read(SessionId.newHandle(), output.get(), size,
				SessionSeals.none("app:session"));
		return new SessionRecord(content, 1000, 0);
	}

}
