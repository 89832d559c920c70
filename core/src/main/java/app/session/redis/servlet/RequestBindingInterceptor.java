package app.session.redis.servlet;

import java.util.concurrent.Callable;

import jakarta.servlet.ServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.context.request.async.CallableProcessingInterceptor;

/**
 * Binds the {@link app.session.redis.session.SessionScope} of the request to the threads
 * on which Spring MVC runs a {@code Callable} or a {@code StreamingResponseBody}, which
 * may commit the response. Without this interceptor, they read a session once more.
 */
public final class RequestBindingInterceptor implements CallableProcessingInterceptor {

	@Override
	public <T> void preProcess(NativeWebRequest request, Callable<T> task) {
		ServletRequest servletRequest = request.getNativeRequest(ServletRequest.class);
		RequestBinding binding = (servletRequest != null) ? RequestBinding.of(servletRequest) : null;
		if (binding != null) {
			binding.bind();
		}
	}

	@Override
	public <T> void postProcess(NativeWebRequest request, Callable<T> task, @Nullable Object result) {
		RequestBinding.restore(null);
	}

}
