package app.session.redis.autoconfigure.servlet;

import app.session.redis.event.SocketSessions;

import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.messaging.Message;
import org.springframework.session.web.socket.handler.WebSocketRegistryListener;
import org.springframework.web.socket.WebSocketSession;

/**
 * Configuration that closes the WebSocket connections of a session on every node when the
 * session ends on one of them.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass({ Message.class, WebSocketSession.class })
@ConditionalOnBean(WebSocketRegistryListener.class)
@Conditional(SocketSessionsConfiguration.OnEventsCondition.class)
class SocketSessionsConfiguration {

	@Bean
	SocketSessions redisSessionSocketSessions(WebSocketRegistryListener webSocketRegistryListener) {
		return new SocketSessions(webSocketRegistryListener);
	}

	static class OnEventsCondition extends AnyNestedCondition {

		OnEventsCondition() {
			super(ConfigurationPhase.REGISTER_BEAN);
		}

		@ConditionalOnProperty(name = "app.session.redis.events", havingValue = "auto", matchIfMissing = true)
		static class Auto {

		}

		@ConditionalOnProperty(name = "app.session.redis.events", havingValue = "broadcast")
		static class Broadcast {

		}

	}

}
