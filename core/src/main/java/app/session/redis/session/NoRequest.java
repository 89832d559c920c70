package app.session.redis.session;

import java.util.List;
import java.util.function.Consumer;

import app.session.redis.SessionId;
import app.session.redis.SessionStoreUnavailableException;
import app.session.redis.lock.HeldLock;
import app.session.redis.store.IndexEntry;
import org.jspecify.annotations.Nullable;

/**
 * The scope of operations outside of requests. It has no state, so that all threads can
 * share it without synchronization.
 */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // there is no state to guard
final class NoRequest extends SessionScope {

	static final NoRequest SCOPE = new NoRequest();

	private NoRequest() {
		super(RequestClient.UNKNOWN);
	}

	@Override
	public boolean isRequest() {
		return false;
	}

	@Override
	public @Nullable StoredSession session(String handle) {
		return null;
	}

	@Override
	public void add(StoredSession session) {
	}

	@Override
	public void put(StoredSession session) {
	}

	@Override
	public void end(String handle) {
	}

	@Override
	public boolean hasEnded(String handle) {
		return false;
	}

	@Override
	public void idConfirmed(String handle, String id) {
	}

	@Override
	public @Nullable String confirmedId(String handle) {
		return null;
	}

	@Override
	public void replace(String id, String replacement) {
	}

	@Override
	public @Nullable String replacement(String id) {
		return null;
	}

	@Override
	public void addUnknown(String id) {
	}

	@Override
	public boolean isUnknown(SessionId id) {
		return false;
	}

	@Override
	public void resolvedIds(List<String> ids) {
	}

	@Override
	public List<String> takeResolvedIds() {
		return List.of();
	}

	@Override
	public List<SessionId> clientIds() {
		return List.of();
	}

	@Override
	public boolean addLock(HeldLock lock) {
		return false;
	}

	@Override
	public @Nullable HeldLock lock(String handle) {
		return null;
	}

	@Override
	public @Nullable HeldLock removeLock(String handle) {
		return null;
	}

	@Override
	public void clientUnknown() {
	}

	@Override
	public void anonymous() {
	}

	@Override
	public void fail(SessionStoreUnavailableException failure) {
	}

	@Override
	public void reserved(Reservation reservation, Consumer<Reservation> release) {
	}

	@Override
	public @Nullable Reservation reservation(IndexEntry entry) {
		return null;
	}

	@Override
	public void removeReservation(IndexEntry entry) {
	}

	@Override
	public boolean addRefused(Object what) {
		return true;
	}

	@Override
	public void answered() {
	}

}
