package app.session.redis.benchmarks.app;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.http.HttpStatus;
import org.springframework.session.ReactiveFindByIndexNameSessionRepository;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.WebSession;

/**
 * Uses sessions in the exchanges of a reactive application, as {@link SessionServlet}
 * does in requests.
 */
final class WebSessionHandler {

	private static final String PRINCIPAL = ReactiveFindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME;

	private WebSessionHandler() {
	}

	static Mono<ServerResponse> create(ServerRequest request) {
		return request.session().flatMap((session) -> {
			int size = number(request, "size", 128);
			for (int i = 0; i < number(request, "attributes", 8); i++) {
				session.getAttributes().put("a" + i, Values.next(size));
			}
			request.queryParam("principal").ifPresent((name) -> session.getAttributes().put(PRINCIPAL, name));
			return answer("ok");
		});
	}

	static Mono<ServerResponse> read(ServerRequest request) {
		return request.session().flatMap((session) -> {
			Values.digest(number(request, "digest", 0));
			return isFound(session) ? answer("ok") : notFound();
		});
	}

	static Mono<ServerResponse> write(ServerRequest request) {
		return request.session().flatMap((session) -> {
			if (!isFound(session)) {
				return notFound();
			}
			session.getAttributes().put("a1", Values.next(number(request, "size", 128)));
			return answer("ok");
		});
	}

	static Mono<ServerResponse> logIn(ServerRequest request) {
		return request.session()
			.flatMap((session) -> isFound(session) ? session.changeSessionId().then(Mono.defer(() -> {
				session.getAttributes().put(PRINCIPAL, request.queryParam("principal").orElse("somebody"));
				return answer("ok");
			})) : notFound());
	}

	static Mono<ServerResponse> logOut(ServerRequest request) {
		return request.session()
			.flatMap((session) -> isFound(session) ? session.invalidate().then(answer("ok")) : notFound());
	}

	private static boolean isFound(WebSession session) {
		Object value = session.getAttribute("a0");
		return value != null;
	}

	static int number(ServerRequest request, String name, int fallback) {
		@Nullable String value = request.queryParam(name).orElse(null);
		return (value != null) ? Integer.parseInt(value) : fallback;
	}

	static Mono<ServerResponse> answer(String body) {
		return ServerResponse.ok().bodyValue(body);
	}

	static Mono<ServerResponse> notFound() {
		return ServerResponse.status(HttpStatus.NOT_FOUND).bodyValue("no session");
	}

}
