package app.session.redis.autoconfigure.actuate;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.InvocationContext;
import org.springframework.boot.actuate.endpoint.OperationType;
import org.springframework.boot.actuate.endpoint.invoke.OperationInvoker;
import org.springframework.boot.actuate.endpoint.invoke.OperationInvokerAdvisor;
import org.springframework.boot.actuate.endpoint.invoke.OperationParameter;
import org.springframework.boot.actuate.endpoint.invoke.OperationParameters;

/**
 * The parameters of a request to the endpoint that are named after indexes, such as
 * {@code tenant=x}.
 *
 * @param values the values by the names of the parameters, as the request has them
 */
public record IndexParameters(Map<String, Object> values) {

	/**
	 * The name of the parameter of an operation that receives the parameters for which it
	 * has no other.
	 */
	private static final String NAME = "indexes";

	/**
	 * Copies the map.
	 * @param values the values by the names of the parameters, as the request has them
	 */
	public IndexParameters {
		values = Map.copyOf(values);
	}

	/**
	 * Returns the value of each parameter.
	 * @return the values
	 * @throws IllegalArgumentException if a parameter has several values
	 */
	Map<String, String> single() {
		Map<String, String> single = new LinkedHashMap<>();
		this.values.forEach((name, value) -> {
			if (!(value instanceof String text)) {
				throw new IllegalArgumentException("Specify '" + name + "' only once");
			}
			single.put(name, text);
		});
		return single;
	}

	/** Passes the parameters to the operations of the endpoint. */
	static final class Advisor implements OperationInvokerAdvisor {

		private static final EndpointId ENDPOINT = EndpointId.of("redissessions");

		@Override
		public OperationInvoker apply(EndpointId endpointId, OperationType operationType,
				OperationParameters parameters, OperationInvoker invoker) {
			Set<String> names = parameters.stream().map(OperationParameter::getName).collect(Collectors.toSet());
			if (!endpointId.equals(ENDPOINT) || !names.contains(NAME)) {
				return invoker;
			}
			return (context) -> {
				collect(context, names);
				return invoker.invoke(context);
			};
		}

		private static void collect(InvocationContext context, Set<String> names) {
			Map<String, @Nullable Object> arguments = context.getArguments();
			Map<String, Object> others = new LinkedHashMap<>();
			arguments.forEach((name, value) -> {
				if (value != null && (name.equals(NAME) || !names.contains(name))) {
					others.put(name, value);
				}
			});
			if (!others.isEmpty()) {
				arguments.put(NAME, new IndexParameters(others));
			}
		}

	}

}
