package app.session.redis.codec;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import com.sun.faces.util.LRUMap;
import com.vaadin.flow.component.Component;
import com.vaadin.flow.component.ComponentEvent;
import com.vaadin.flow.component.ComponentUtil;
import com.vaadin.flow.component.Tag;
import com.vaadin.flow.component.UI;
import jakarta.faces.component.UIInput;
import jakarta.faces.component.UIViewRoot;
import jakarta.faces.component.html.HtmlInputText;
import jakarta.faces.context.FacesContext;
import jakarta.faces.validator.LengthValidator;
import org.apache.wicket.Page;
import org.apache.wicket.markup.IMarkupResourceStreamProvider;
import org.apache.wicket.markup.html.WebPage;
import org.apache.wicket.markup.html.basic.Label;
import org.apache.wicket.markup.html.form.Form;
import org.apache.wicket.markup.html.form.TextField;
import org.apache.wicket.markup.html.link.Link;
import org.apache.wicket.mock.MockApplication;
import org.apache.wicket.model.Model;
import org.apache.wicket.model.PropertyModel;
import org.apache.wicket.util.resource.IResourceStream;
import org.apache.wicket.util.resource.StringResourceStream;
import org.apache.wicket.util.tester.WicketTester;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.Mockito.RETURNS_DEEP_STUBS;
import static org.mockito.Mockito.mock;

/**
 * Tests the values that user interface frameworks store in the session, and the settings
 * that they require.
 */
class FrameworkValuesTests {

	private static final String OWN = FrameworkValuesTests.class.getName();

	private static ValueCodec codec(List<String> types, List<String> lambdas) {
		return ValueCodec.builder()
			.classLoader(FrameworkValuesTests.class.getClassLoader())
			.allowedTypes(new AllowedTypes(types, lambdas))
			.build();
	}

	@SuppressWarnings("unchecked")
	private static <T> T pass(ValueCodec codec, Object value) {
		return (T) codec.deserialize(codec.serialize(value));
	}

	/** {@code allowed-types=org.apache.wicket}. */
	@Test
	void wicket() {
		ValueCodec codec = codec(List.of(OWN, "org.apache.wicket"), List.of());
		WicketTester tester = new WicketTester(new MockApplication());
		try {
			CartPage page = tester.startPage(new CartPage());
			tester.clickLink("add");
			tester.getSession().setAttribute("cart", page.cart);
			tester.getSession().info("Saved");
			List<String> names = tester.getSession().getAttributeNames();
			assertThat(names).isNotEmpty();
			for (String name : names) {
				Serializable value = Objects.requireNonNull(tester.getSession().getAttribute(name));
				assertThat(codec.deserialize(codec.serialize(value))).as(name).hasSameClassAs(value);
			}
			assertThat(codec.deserialize(codec.serialize(tester.getSession()))).hasSameClassAs(tester.getSession());
			CartPage stored = pass(codec, page);
			assertThat(stored.cart.items).containsExactly("book");
			assertThat(((Page) stored).get("form:name").getDefaultModelObject()).isEqualTo("alice");
		}
		finally {
			tester.destroy();
		}
	}

	/**
	 * {@code allowed-types=com.vaadin} and {@code allowed-lambdas=com.vaadin} with the
	 * application's own packages.
	 */
	@Test
	void vaadin() {
		ValueCodec codec = codec(List.of(OWN, "com.vaadin"), List.of(OWN, "com.vaadin"));
		UI ui = new UI();
		View view = new View();
		ui.add(view);
		UI stored = pass(codec, ui);
		View storedView = (View) stored.getChildren().findFirst().orElseThrow();
		ComponentUtil.fireEvent(storedView, new Clicked(storedView));
		assertThat(storedView.clicks).isEqualTo(1);
		assertThat(view.clicks).isZero();
		assertThatExceptionOfType(TypeRefusedException.class)
			.isThrownBy(() -> codec(List.of(OWN, "com.vaadin"), List.of()).serialize(ui))
			.withMessageContaining("lambda");
	}

	/**
	 * {@code allowed-types=com.sun.faces.util.LRUMap,jakarta.faces.component.StateHolderSaver}:
	 * the states of views and what is in the view scope.
	 */
	@Test
	void faces() {
		ValueCodec codec = codec(List.of(OWN, "com.sun.faces.util.LRUMap", "jakarta.faces.component"), List.of());
		FacesContext context = mock(RETURNS_DEEP_STUBS);
		HtmlInputText input = new HtmlInputText();
		input.setValue("alice");
		input.setStyleClass("wide");
		input.addValidator(new LengthValidator(10));
		UIViewRoot root = new UIViewRoot();
		root.setViewId("/cart.xhtml");
		Map<String, Object> states = new HashMap<>();
		states.put("form:name", input.saveState(context));
		Map<String, Object> views = Collections.synchronizedMap(new LRUMap<>(15));
		views.put("-123:456", new Object[] { null, states });
		Map<String, Object> logicalViews = Collections.synchronizedMap(new LRUMap<>(15));
		logicalViews.put("-123", views);
		Map<String, Object> session = new LinkedHashMap<>();
		session.put("com.sun.faces.renderkit.ServerSideStateHelper.LogicalViewMap", logicalViews);
		Map<String, Object> viewScopes = Collections.synchronizedMap(new LRUMap<>(25));
		viewScopes.put("1", new HashMap<>(Map.of("cart", new Cart())));
		session.put("com.sun.faces.application.view.activeViewMaps", viewScopes);
		session.put("cart", new Cart());
		session.forEach(
				(name, value) -> assertThat(codec.deserialize(codec.serialize(value))).as(name).hasSameClassAs(value));
		Map<String, Map<String, Object[]>> stored = pass(codec, logicalViews);
		Object state = ((Map<?, ?>) stored.get("-123").get("-123:456")[1]).get("form:name");
		UIInput restored = new HtmlInputText();
		restored.restoreState(context, state);
		assertThat(restored.getValue()).isEqualTo("alice");
	}

	static class Cart implements Serializable {

		private static final long serialVersionUID = 1L;

		private final List<String> items = new ArrayList<>();

		private String name = "alice";

		public String getName() {
			return this.name;
		}

		public void setName(String name) {
			this.name = name;
		}

	}

	static class CartPage extends WebPage implements IMarkupResourceStreamProvider {

		private static final long serialVersionUID = 1L;

		private final Cart cart = new Cart();

		CartPage() {
			add(new Label("title", Model.of("Cart")));
			Form<Void> form = new Form<>("form");
			form.add(new TextField<>("name", PropertyModel.of(this.cart, "name")));
			add(form);
			add(new Link<Void>("add") {

				private static final long serialVersionUID = 1L;

				@Override
				public void onClick() {
					CartPage.this.cart.items.add("book");
				}

			});
		}

		@Override
		public IResourceStream getMarkupResourceStream(org.apache.wicket.MarkupContainer container, Class<?> type) {
			return new StringResourceStream("<html><body><h1 wicket:id='title'></h1>"
					+ "<form wicket:id='form'><input wicket:id='name'></form><a wicket:id='add'>x</a></body></html>");
		}

	}

	@Tag("div")
	static class View extends Component {

		private static final long serialVersionUID = 1L;

		private int clicks;

		View() {
			addListener(Clicked.class, (event) -> this.clicks++);
			getElement().addEventListener("click", (event) -> this.clicks++);
		}

	}

	static class Clicked extends ComponentEvent<View> {

		private static final long serialVersionUID = 1L;

		Clicked(View source) {
			super(source, false);
		}

	}

}
