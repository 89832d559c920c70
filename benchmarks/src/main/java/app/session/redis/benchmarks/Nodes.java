package app.session.redis.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;

import app.session.redis.benchmarks.app.BenchmarkApplication;
import org.jspecify.annotations.Nullable;

/**
 * Nodes that run at the same time, so that they can be measured alternately.
 */
final class Nodes implements Iterable<Node>, AutoCloseable {

	private final List<Node> nodes = new ArrayList<>();

	static Nodes start(List<Store> stores) {
		return start(stores, false, null);
	}

	static Nodes start(List<Store> stores, boolean proxied, @Nullable Path virtualJdk) {
		return start(stores, (store) -> Node.start(store, proxied, virtualJdk));
	}

	static Nodes reactive(List<Store> stores, boolean proxied) {
		return start(stores, (store) -> Node.start(store, proxied, null, BenchmarkApplication.REACTIVE));
	}

	static Nodes onCluster() {
		return start(Store.ON_CLUSTER, Node::onCluster);
	}

	private static Nodes start(List<Store> stores, Function<Store, Node> starter) {
		Nodes nodes = new Nodes();
		try {
			stores.forEach((store) -> nodes.nodes.add(starter.apply(store)));
			return nodes;
		}
		catch (RuntimeException ex) {
			nodes.close();
			throw ex;
		}
	}

	@Override
	public Iterator<Node> iterator() {
		return this.nodes.iterator();
	}

	@Override
	public void close() {
		this.nodes.forEach(Node::close);
	}

}
