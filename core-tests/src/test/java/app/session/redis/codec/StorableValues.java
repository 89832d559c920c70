package app.session.redis.codec;

import java.awt.geom.AffineTransform;
import java.awt.geom.Point2D;
import java.beans.PropertyChangeSupport;
import java.io.File;
import java.io.Serializable;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.StandardOpenOption;
import java.sql.Timestamp;
import java.text.DecimalFormat;
import java.text.MessageFormat;
import java.text.NumberFormat;
import java.text.SimpleDateFormat;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Calendar;
import java.util.Collections;
import java.util.Comparator;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.concurrent.locks.StampedLock;
import java.util.regex.Pattern;

import com.google.common.base.Optional;
import com.google.common.collect.ArrayListMultimap;
import com.google.common.collect.EvictingQueue;
import com.google.common.collect.HashBasedTable;
import com.google.common.collect.HashBiMap;
import com.google.common.collect.HashMultimap;
import com.google.common.collect.HashMultiset;
import com.google.common.collect.ImmutableBiMap;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableMultiset;
import com.google.common.collect.ImmutableRangeSet;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSetMultimap;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.collect.ImmutableTable;
import com.google.common.collect.LinkedHashMultimap;
import com.google.common.collect.LinkedListMultimap;
import com.google.common.collect.Lists;
import com.google.common.collect.Maps;
import com.google.common.collect.Multimaps;
import com.google.common.collect.Range;
import com.google.common.collect.Sets;
import com.google.common.collect.TreeBasedTable;
import com.google.common.collect.TreeMultimap;
import com.google.common.collect.TreeMultiset;
import com.google.common.net.HostAndPort;
import com.google.common.primitives.Ints;
import com.google.common.primitives.UnsignedLong;
import jakarta.validation.Validation;
import jakarta.validation.constraints.Email;
import jakarta.validation.constraints.Min;
import org.apache.commons.lang3.math.Fraction;
import org.apache.commons.lang3.mutable.MutableInt;
import org.apache.commons.lang3.time.FastDateFormat;
import org.apache.commons.lang3.tuple.MutablePair;
import org.apache.commons.lang3.tuple.Pair;
import org.apache.commons.lang3.tuple.Triple;
import org.apereo.cas.client.authentication.AttributePrincipalImpl;
import org.apereo.cas.client.validation.AssertionImpl;
import org.hibernate.collection.spi.PersistentBag;
import org.hibernate.collection.spi.PersistentList;
import org.hibernate.collection.spi.PersistentMap;
import org.hibernate.collection.spi.PersistentSet;
import org.hibernate.collection.spi.PersistentSortedMap;
import org.hibernate.collection.spi.PersistentSortedSet;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

import javax.crypto.spec.SecretKeySpec;
import javax.naming.CompositeName;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.security.auth.Subject;
import javax.security.auth.kerberos.KerberosPrincipal;
import javax.security.auth.x500.X500Principal;
import javax.xml.datatype.DatatypeFactory;
import javax.xml.namespace.QName;

import org.springframework.beans.MutablePropertyValues;
import org.springframework.data.domain.PageImpl;
import org.springframework.data.domain.PageRequest;
import org.springframework.data.domain.SliceImpl;
import org.springframework.data.domain.Sort;
import org.springframework.data.geo.Circle;
import org.springframework.data.geo.Distance;
import org.springframework.data.geo.GeoResult;
import org.springframework.data.geo.GeoResults;
import org.springframework.data.geo.Metrics;
import org.springframework.data.geo.Point;
import org.springframework.data.geo.Polygon;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.security.cas.authentication.CasAuthenticationToken;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.ldap.userdetails.LdapAuthority;
import org.springframework.security.ldap.userdetails.LdapUserDetailsImpl;
import org.springframework.security.web.webauthn.api.Bytes;
import org.springframework.security.web.webauthn.api.ImmutablePublicKeyCredentialUserEntity;
import org.springframework.security.web.webauthn.api.PublicKeyCredentialRequestOptions;
import org.springframework.security.web.webauthn.api.UserVerificationRequirement;
import org.springframework.security.web.webauthn.authentication.WebAuthnAuthentication;
import org.springframework.ui.ExtendedModelMap;
import org.springframework.util.CollectionUtils;
import org.springframework.util.LinkedCaseInsensitiveMap;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.BeanPropertyBindingResult;
import org.springframework.validation.BindingResult;
import org.springframework.validation.DataBinder;
import org.springframework.validation.DirectFieldBindingResult;
import org.springframework.validation.SimpleErrors;
import org.springframework.validation.beanvalidation.SpringValidatorAdapter;
import org.springframework.validation.support.BindingAwareModelMap;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.util.UriComponentsBuilder;
import org.springframework.web.util.UriTemplate;

import static org.mockito.Mockito.RETURNS_DEEP_STUBS;
import static org.mockito.Mockito.mock;

/**
 * Values of the JDK, Spring and libraries that may be in a session although the
 * application has not allowed any type.
 */
final class StorableValues {

	private StorableValues() {
	}

	static Map<String, Object> all() throws Exception {
		Map<String, Object> values = new LinkedHashMap<>();
		putJdk(values);
		putConcurrent(values);
		putSpring(values);
		putSecurity(values);
		putGuava(values);
		putLibraries(values);
		return values;
	}

	private static void putJdk(Map<String, Object> values) throws Exception {
		values.put("SQL timestamp", Timestamp.from(Instant.parse("2026-01-02T03:04:05.123456789Z")));
		values.put("SQL date", java.sql.Date.valueOf("2026-01-02"));
		values.put("SQL time", java.sql.Time.valueOf("03:04:05"));
		values.put("SQL type", java.sql.JDBCType.VARCHAR);
		values.put("file", new File("/tmp/upload"));
		values.put("pattern", Pattern.compile("a(b)+", Pattern.CASE_INSENSITIVE));
		values.put("random", new Random(1));
		values.put("decimal format", new DecimalFormat("#,##0.00"));
		values.put("currency format", NumberFormat.getCurrencyInstance(Locale.GERMANY));
		values.put("date format", new SimpleDateFormat("yyyy-MM-dd", Locale.ROOT));
		values.put("message format", new MessageFormat("{0,number} of {1,date}", Locale.ROOT));
		values.put("format field", NumberFormat.Field.INTEGER);
		values.put("form of text", java.text.Normalizer.Form.NFC);
		values.put("Japanese calendar", Calendar.getInstance(Locale.forLanguageTag("ja-JP-u-ca-japanese")));
		values.put("Buddhist calendar", Calendar.getInstance(Locale.forLanguageTag("th-TH-u-ca-buddhist")));
		values.put("head of a tree map", new TreeMap<>(Map.of("a", 1, "b", 2)).headMap("b"));
		values.put("descending tree map", new TreeMap<>(Map.of("a", 1, "b", 2)).descendingMap());
		values.put("tail of a tree set", new TreeSet<>(Set.of(1, 2, 3)).tailSet(2));
		values.put("reverse order", new TreeMap<>(Comparator.<String>reverseOrder()));
		values.put("ignoring case", new TreeSet<>(String.CASE_INSENSITIVE_ORDER));
		values.put("checked list", Collections.checkedList(new ArrayList<>(List.of("a")), String.class));
		values.put("synchronized map", Collections.synchronizedMap(new HashMap<>(Map.of("a", 1))));
		values.put("class objects", new ArrayList<>(List.of(List.class, int.class, void.class, LocalDate.class,
				MultipartFile.class, MultipartFile[].class, int[][].class, Class.class, java.util.Optional.class)));
		values.put("interfaces' array", new Runnable[1]);
		values.put("array of a serializable interface", new Serializable[] { "a", 1 });
		values.put("classes' array", new Class<?>[] { String.class, CharSequence.class });
		values.put("key", new SecretKeySpec("0123456789abcdef".getBytes(StandardCharsets.UTF_8), "AES"));
		values.put("LDAP name", new LdapName("uid=alice,ou=people"));
		values.put("relative LDAP name", new Rdn("uid=alice"));
		values.put("composite name", new CompositeName("a/b"));
		values.put("X.500 principal", new X500Principal("CN=alice"));
		values.put("Kerberos principal", new KerberosPrincipal("alice@EXAMPLE.ORG"));
		Subject subject = new Subject();
		subject.getPrincipals().add(new X500Principal("CN=alice"));
		subject.getPrincipals().add(new com.sun.security.auth.UserPrincipal("alice"));
		values.put("subject", subject);
		values.put("qualified name", new QName("urn:a", "b"));
		values.put("XML time", DatatypeFactory.newInstance().newXMLGregorianCalendar("2026-01-02T03:04:05Z"));
		values.put("XML duration", DatatypeFactory.newInstance().newDuration("P1Y2M"));
		values.put("socket's path", UnixDomainSocketAddress.of("/tmp/socket"));
		values.put("option of files", StandardOpenOption.APPEND);
		values.put("point", new Point2D.Double(1, 2));
		values.put("transform", AffineTransform.getScaleInstance(2, 3));
		values.put("area of a screen", new java.awt.Rectangle(1, 2, 3, 4));
		values.put("color", new java.awt.Color(1, 2, 3));
		values.put("size", new java.awt.Dimension(1, 2));
		values.put("property changes", new PropertyChangeSupport("source"));
		values.put("event", new java.util.EventObject("source"));
	}

	private static void putConcurrent(Map<String, Object> values) {
		values.put("array queue", new ArrayBlockingQueue<>(3, false, List.of("a")));
		values.put("priority queue", new PriorityBlockingQueue<>(List.of("b", "a")));
		values.put("transfer queue", new LinkedTransferQueue<>(List.of("a")));
		values.put("synchronous queue", new SynchronousQueue<>(true));
		values.put("key set", ConcurrentHashMap.newKeySet());
		values.put("head of a skip list", new ConcurrentSkipListMap<>(Map.of("a", 1, "b", 2)).headMap("b"));
		values.put("semaphore", new Semaphore(2, true));
		values.put("adder", new DoubleAdder());
		values.put("read-write lock", new ReentrantReadWriteLock());
		values.put("stamped lock", new StampedLock());
	}

	private static void putSpring(Map<String, Object> values) {
		values.put("page request", PageRequest.of(1, 20, Sort.by("name").descending().and(Sort.by("id"))));
		values.put("sort", Sort.by(Sort.Order.asc("a").ignoreCase().nullsLast()));
		values.put("page", new PageImpl<>(new ArrayList<>(List.of("a")), PageRequest.of(0, 1), 3));
		values.put("slice", new SliceImpl<>(new ArrayList<>(List.of("a")), PageRequest.of(0, 1), true));
		values.put("geo", new ArrayList<>(List.of(new Point(1, 2), new Circle(new Point(1, 2), new Distance(3)),
				new Distance(1, Metrics.KILOMETERS), new Polygon(new Point(1, 2), new Point(2, 3), new Point(3, 4)))));
		values.put("geo results", new GeoResults<>(new ArrayList<>(List.of(new GeoResult<>("a", new Distance(1))))));
		HttpHeaders headers = new HttpHeaders();
		headers.setContentType(MediaType.APPLICATION_JSON);
		values.put("headers", headers);
		values.put("media type", MediaType.parseMediaType("text/html;charset=utf-8;q=0.5"));
		values.put("method", HttpMethod.PATCH);
		values.put("status", HttpStatus.NOT_FOUND);
		values.put("unknown status", HttpStatusCode.valueOf(499));
		values.put("problem", ProblemDetail.forStatusAndDetail(HttpStatus.CONFLICT, "detail"));
		values.put("URI components", UriComponentsBuilder.fromUriString("https://example.org/a/b?c=d#e").build());
		values.put("opaque URI", UriComponentsBuilder.fromUriString("mailto:a@example.org").build());
		values.put("URI of segments", UriComponentsBuilder.fromUriString("/a").pathSegment("b", "c").build());
		values.put("URI template", new UriTemplate("/a/{b}"));
		values.put("data size", DataSize.ofMegabytes(3));
		values.put("model", new ExtendedModelMap().addAttribute("a", 1));
		values.put("model of a binding", new BindingAwareModelMap().addAttribute("a", 1));
		values.put("case-insensitive map", new LinkedCaseInsensitiveMap<>(3, Locale.ROOT));
		LinkedMultiValueMap<String, String> multi = new LinkedMultiValueMap<>(
				Map.of("a", new ArrayList<>(List.of("b"))));
		values.put("unmodifiable multi-value map", CollectionUtils.unmodifiableMultiValueMap(multi));
		values.put("single values of a map", multi.asSingleValueMap());
		values.put("paged list", pagedList());
		values.put("binding result", bindingResult());
		values.put("validated form", validatedForm());
		DirectFieldBindingResult direct = new DirectFieldBindingResult(new ArrayList<>(List.of("a")), "list");
		direct.reject("code");
		values.put("binding result of fields", direct);
		SimpleErrors errors = new SimpleErrors(new ArrayList<>(List.of("a")), "list");
		errors.reject("code", "message");
		values.put("errors", errors);
	}

	@SuppressWarnings("removal") // sessions hold them as long as they are there
	private static Object pagedList() {
		var pages = new org.springframework.beans.support.PagedListHolder<>(new ArrayList<>(List.of("b", "a")),
				new org.springframework.beans.support.MutableSortDefinition("name", true, true));
		pages.setPageSize(1);
		return pages;
	}

	/** As a form that is shown again after a redirect, with the types of its fields. */
	static BindingResult bindingResult() {
		DataBinder binder = new DataBinder(new Form(), "form");
		MutablePropertyValues input = new MutablePropertyValues();
		input.add("email", "alice@example.org");
		input.add("count", "many");
		binder.bind(input);
		BeanPropertyBindingResult result = (BeanPropertyBindingResult) binder.getBindingResult();
		for (Class<?> type : List.of(List.class, Map.class, LocalDate.class, MultipartFile.class, int.class,
				String[].class, MultipartFile[].class, java.util.Optional.class)) {
			result.recordFieldValue("field of " + type.getSimpleName(), type, null);
		}
		return result;
	}

	private static Object validatedForm() {
		Form form = new Form();
		BeanPropertyBindingResult result = new BeanPropertyBindingResult(form, "form");
		try (var factory = Validation.byDefaultProvider()
			.configure()
			.messageInterpolator(new org.hibernate.validator.messageinterpolation.ParameterMessageInterpolator())
			.buildValidatorFactory()) {
			new SpringValidatorAdapter(factory.getValidator()).validate(form, result);
		}
		if (result.getErrorCount() != 2) {
			throw new IllegalStateException("Not validated: " + result);
		}
		return result;
	}

	private static void putSecurity(Map<String, Object> values) throws Exception {
		User user = new User("alice", "x", AuthorityUtils.createAuthorityList("ROLE_USER"));
		AssertionImpl assertion = new AssertionImpl(
				new AttributePrincipalImpl("alice", new HashMap<>(Map.of("mail", "alice@example.org"))),
				new HashMap<>(Map.of("isFromNewLogin", true)));
		values.put("log-in by CAS",
				new CasAuthenticationToken("key", user, "ticket", user.getAuthorities(), user, assertion));
		LdapUserDetailsImpl.Essence ldap = new LdapUserDetailsImpl.Essence();
		ldap.setDn("uid=alice,ou=people");
		ldap.setUsername("alice");
		ldap.addAuthority(new LdapAuthority("ROLE_USER", "cn=users",
				new HashMap<>(Map.of("cn", new ArrayList<>(List.of("users"))))));
		values.put("user of LDAP", ldap.createUserDetails());
		values.put("options of a passkey",
				PublicKeyCredentialRequestOptions.builder()
					.challenge(Bytes.random())
					.timeout(Duration.ofMinutes(5))
					.rpId("example.org")
					.userVerification(UserVerificationRequirement.PREFERRED)
					.build());
		values.put("log-in by a passkey",
				new WebAuthnAuthentication(ImmutablePublicKeyCredentialUserEntity.builder()
					.name("alice")
					.id(Bytes.random())
					.displayName("Alice")
					.build(), user.getAuthorities()));
	}

	private static void putGuava(Map<String, Object> values) {
		values.put("Guava list", ImmutableList.of("a", "b", "c"));
		values.put("Guava set", ImmutableSet.of("a", "b"));
		values.put("Guava set of enums", Sets.immutableEnumSet(RealValues.Color.RED, RealValues.Color.BLUE));
		values.put("Guava map", ImmutableMap.of("a", 1, "b", 2));
		values.put("Guava map of enums", Maps.immutableEnumMap(Map.of(RealValues.Color.RED, 1)));
		values.put("Guava key set", ImmutableMap.of("a", 1, "b", 2).keySet());
		values.put("Guava entries", ImmutableMap.of("a", 1, "b", 2).entrySet());
		values.put("Guava sorted set", ImmutableSortedSet.of("b", "a"));
		values.put("Guava sorted map", ImmutableSortedMap.of("b", 1, "a", 2));
		values.put("Guava reverse order", ImmutableSortedMap.<String, Integer>reverseOrder().put("a", 1).build());
		values.put("Guava bi-map", ImmutableBiMap.of("a", 1));
		values.put("Guava multiset", ImmutableMultiset.of("a", "a"));
		values.put("Guava list multimap", ImmutableListMultimap.of("a", 1, "a", 2));
		values.put("Guava empty list multimap", ImmutableListMultimap.of());
		values.put("Guava set multimap", ImmutableSetMultimap.of("a", 1, "a", 2));
		values.put("Guava immutable table", ImmutableTable.of("a", "b", 1));
		values.put("Guava range set", ImmutableRangeSet.of(Range.closed(1, 2)));
		values.put("Guava ranges", new ArrayList<>(List.of(Range.closedOpen(1, 2), Range.atLeast(3), Range.all())));
		ArrayListMultimap<String, Integer> lists = ArrayListMultimap.create();
		lists.put("a", 1);
		values.put("Guava multimap of lists", lists);
		values.put("Guava multimap of sets", HashMultimap.create(lists));
		values.put("Guava multimap of linked sets", LinkedHashMultimap.create(lists));
		values.put("Guava multimap of linked lists", LinkedListMultimap.create(lists));
		values.put("Guava tree multimap", TreeMultimap.create(lists));
		values.put("Guava unmodifiable multimap", Multimaps.unmodifiableListMultimap(lists));
		values.put("Guava synchronized multimap", Multimaps.synchronizedListMultimap(lists));
		values.put("Guava hash multiset", HashMultiset.create(List.of("a", "a")));
		values.put("Guava tree multiset", TreeMultiset.create(List.of("a", "a")));
		values.put("Guava hash bi-map", HashBiMap.create(Map.of("a", 1)));
		HashBasedTable<String, String, Integer> table = HashBasedTable.create();
		table.put("a", "b", 1);
		values.put("Guava table", table);
		values.put("Guava tree table", TreeBasedTable.<String, String, Integer>create());
		values.put("Guava evicting queue", EvictingQueue.create(3));
		values.put("Guava list with a head", Lists.asList("a", new String[] { "b" }));
		values.put("Guava options", new ArrayList<>(List.of(Optional.of("a"), Optional.absent())));
		values.put("Guava host", HostAndPort.fromString("example.org:80"));
		values.put("Guava number", UnsignedLong.valueOf(3));
		values.put("Guava ints", Ints.asList(1, 2));
		values.put("Guava hash", com.google.common.hash.HashCode.fromInt(3));
	}

	private static void putLibraries(Map<String, Object> values) throws Exception {
		values.put("pair", Pair.of("a", 1));
		values.put("pair that changes", MutablePair.of("a", 1));
		values.put("triple", Triple.of("a", 1, 2L));
		values.put("mutable int", new MutableInt(3));
		values.put("range", org.apache.commons.lang3.Range.of(1, 2));
		values.put("range of numbers", org.apache.commons.lang3.IntegerRange.of(1, 2));
		values.put("fraction", Fraction.ONE_HALF);
		values.put("fast date format",
				FastDateFormat.getInstance("yyyy-MM-dd", TimeZone.getTimeZone("UTC"), Locale.ROOT));
		values.put("JSON of Jackson 3", JsonMapper.shared().readTree("{\"a\":[1,null,\"b\"]}"));
		values.put("JSON of Jackson 2",
				new com.fasterxml.jackson.databind.ObjectMapper().readTree("{\"a\":[1,null,\"b\"]}"));
		SharedSessionContractImplementor session = mock(RETURNS_DEEP_STUBS);
		values.put("Hibernate bag", new PersistentBag<>(session, new ArrayList<>(List.of("a"))));
		values.put("Hibernate list", new PersistentList<>(session, new ArrayList<>(List.of("a"))));
		PersistentSet<String> set = new PersistentSet<>(session, new HashSet<>(Set.of("a")));
		set.setSnapshot(1L, "app.Customer.orders", new HashMap<>(Map.of("a", "a")));
		values.put("Hibernate set", set);
		values.put("Hibernate map", new PersistentMap<>(session, new HashMap<>(Map.of("a", 1))));
		values.put("Hibernate sorted set", new PersistentSortedSet<>(session, new TreeSet<>(Set.of("a"))));
		values.put("Hibernate sorted map", new PersistentSortedMap<>(session, new TreeMap<>(Map.of("a", 1))));
	}

	static final class Form implements Serializable {

		private static final long serialVersionUID = 1L;

		@Email
		private String email = "none";

		@Min(3)
		private int count = 1;

		private @Nullable Date date;

		public String getEmail() {
			return this.email;
		}

		public void setEmail(String email) {
			this.email = email;
		}

		public int getCount() {
			return this.count;
		}

		public void setCount(int count) {
			this.count = count;
		}

		public @Nullable Date getDate() {
			return this.date;
		}

	}

}
