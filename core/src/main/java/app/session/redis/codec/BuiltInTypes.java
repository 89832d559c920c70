package app.session.redis.codec;

import java.util.Collections;
import java.util.HashSet;
import java.util.Set;

/**
 * The types that may be stored without configuration: value types of the JDK, and the
 * types that Spring and widely used libraries store in sessions.
 * <p>
 * A type belongs here if reading it runs no code that the stored bytes choose: its
 * {@code readObject}, {@code readResolve}, {@code hashCode}, {@code equals} and
 * {@code compareTo} work only on its own state and on elements that are also checked, and
 * it allocates no more than the bytes can contain. Types are listed one by one; only
 * Spring Security's packages and {@code java.time} are allowed as a whole.
 */
final class BuiltInTypes {

	/** A package and its classes. {@code Owner$*} allows all classes nested in one. */
	private static final String JDK = """
			java.awt Color Dimension Insets Point Rectangle
			java.awt.geom AffineTransform Arc2D$Double Arc2D$Float CubicCurve2D$Double CubicCurve2D$Float \
				Ellipse2D$Double Ellipse2D$Float Line2D$Double Line2D$Float \
				Point2D$Double Point2D$Float QuadCurve2D$Double QuadCurve2D$Float Rectangle2D$Double \
				Rectangle2D$Float RoundRectangle2D$Double RoundRectangle2D$Float
			java.beans PropertyChangeSupport VetoableChangeSupport
			java.io File
			java.lang Boolean Byte Character Character$UnicodeScript Double Enum Float Integer Long Number Object \
				Short StackTraceElement String String$CaseInsensitiveComparator StringBuffer StringBuilder \
				System$Logger$Level Thread$State Throwable
			java.lang.annotation ElementType RetentionPolicy
			java.math BigDecimal BigInteger MathContext RoundingMode
			java.net Inet4Address Inet6Address InetAddress InetSocketAddress Proxy$Type SocketAddress \
				StandardProtocolFamily URI URL UnixDomainSocketAddress UnixDomainSocketAddress$Ser
			java.net.http HttpClient$Redirect HttpClient$Version
			java.nio.file AccessMode FileVisitOption FileVisitResult LinkOption StandardCopyOption StandardOpenOption
			java.nio.file.attribute AclEntryFlag AclEntryPermission AclEntryType PosixFilePermission
			java.security CodeSigner CryptoPrimitive Timestamp
			java.security.cert CRLReason CertPath$CertPathRep Certificate$CertificateRep
			java.sql Date JDBCType Time Timestamp
			java.text AttributedCharacterIterator$Attribute ChoiceFormat DateFormat \
				DateFormat$Field DateFormatSymbols DecimalFormat DecimalFormatSymbols Format Format$Field \
				MessageFormat MessageFormat$Field Normalizer$Form NumberFormat NumberFormat$Field \
				NumberFormat$Style SimpleDateFormat
			java.util AbstractMap$* ArrayDeque ArrayList Arrays$* BitSet Calendar CollSer Collections$* \
				Comparators$* Currency Date EnumMap EnumSet EnumSet$* EventObject GregorianCalendar HashMap HashSet \
				Hashtable IdentityHashMap ImmutableCollections$* JapaneseImperialCalendar JumboEnumSet \
				KeyValueHolder LinkedHashMap LinkedHashSet LinkedList Locale Locale$Category Locale$FilteringMode \
				Locale$IsoCountryCode Map$Entry PriorityQueue Properties Random RegularEnumSet SimpleTimeZone \
				Stack TimeZone TreeMap TreeMap$AscendingSubMap TreeMap$DescendingSubMap TreeMap$NavigableSubMap \
				TreeMap$SubMap TreeSet UUID Vector
			java.util.concurrent ArrayBlockingQueue ConcurrentHashMap ConcurrentHashMap$* ConcurrentLinkedDeque \
				ConcurrentLinkedQueue ConcurrentSkipListMap ConcurrentSkipListMap$* ConcurrentSkipListSet \
				CopyOnWriteArrayList CopyOnWriteArraySet LinkedBlockingDeque LinkedBlockingQueue \
				LinkedTransferQueue PriorityBlockingQueue Semaphore Semaphore$FairSync Semaphore$NonfairSync \
				Semaphore$Sync SynchronousQueue SynchronousQueue$FifoWaitQueue SynchronousQueue$LifoWaitQueue \
				SynchronousQueue$WaitQueue TimeUnit TimeUnit$*
			java.util.concurrent.atomic AtomicBoolean AtomicInteger AtomicIntegerArray AtomicLong AtomicLongArray \
				AtomicReference AtomicReferenceArray DoubleAdder DoubleAdder$SerializationProxy LongAdder \
				LongAdder$SerializationProxy
			java.util.concurrent.locks AbstractOwnableSynchronizer AbstractQueuedSynchronizer \
				AbstractQueuedSynchronizer$* ReentrantLock ReentrantLock$* ReentrantReadWriteLock \
				ReentrantReadWriteLock$* StampedLock
			java.util.regex Pattern
			javax.crypto.spec SecretKeySpec
			javax.naming CompositeName
			javax.naming.ldap LdapName Rdn
			javax.security.auth Subject Subject$SecureSet
			javax.security.auth.kerberos KerberosPrincipal
			javax.security.auth.x500 X500Principal
			javax.xml.namespace QName
			com.sun.org.apache.xerces.internal.jaxp.datatype DurationImpl$DurationStream XMLGregorianCalendarImpl
			com.sun.security.auth LdapPrincipal NTDomainPrincipal NTSid NTSidDomainPrincipal NTSidGroupPrincipal \
				NTSidPrimaryGroupPrincipal NTSidUserPrincipal NTUserPrincipal UnixNumericGroupPrincipal \
				UnixNumericUserPrincipal UnixPrincipal UserPrincipal
			sun.util BuddhistCalendar
			sun.util.calendar ZoneInfo
			""";

	private static final String SPRING = """
			app.session.redis ThrowableStandIn
			org.springframework.beans.support MutableSortDefinition PagedListHolder
			org.springframework.context.support DefaultMessageSourceResolvable
			org.springframework.core NestedCheckedException NestedRuntimeException
			org.springframework.data.domain AbstractPageRequest Chunk PageImpl PageRequest Score \
				ScrollPosition$Direction SearchResult SearchResults Similarity SliceImpl Sort Sort$Direction \
				Sort$NullHandling Sort$Order UnspecifiedScoringFunction VectorScoringFunctions
			org.springframework.data.geo Box Circle CustomMetric Distance GeoPage GeoResult GeoResults Metrics Point \
				Polygon
			org.springframework.data.history RevisionMetadata$RevisionType RevisionSort
			org.springframework.http DefaultHttpStatusCode HttpHeaders HttpMethod HttpStatus HttpStatus$Series \
				MediaType ProblemDetail ReadOnlyHttpHeaders
			org.springframework.ui ExtendedModelMap ModelMap
			org.springframework.util LinkedCaseInsensitiveMap LinkedCaseInsensitiveMap$1 LinkedMultiValueMap MimeType \
				MultiToSingleValueMapAdapter MultiValueMapAdapter SingleToMultiValueMapAdapter \
				UnmodifiableMultiValueMap
			org.springframework.util.unit DataSize DataUnit
			org.springframework.validation AbstractBindingResult AbstractErrors AbstractPropertyBindingResult \
				BeanPropertyBindingResult DefaultBindingErrorProcessor$BindingFieldError \
				DefaultMessageCodesResolver DefaultMessageCodesResolver$Format \
				DirectFieldBindingResult FieldError MapBindingResult ObjectError SimpleErrors
			org.springframework.validation.beanvalidation SpringValidatorAdapter$ResolvableAttribute \
				SpringValidatorAdapter$ValidationFieldError SpringValidatorAdapter$ValidationObjectError \
				SpringValidatorAdapter$ViolationFieldError SpringValidatorAdapter$ViolationObjectError
			org.springframework.validation.support BindingAwareModelMap
			org.springframework.web.bind.annotation RequestMethod
			org.springframework.web.servlet FlashMap
			org.springframework.web.util HierarchicalUriComponents HierarchicalUriComponents$* \
				HttpSessionMutexListener$Mutex OpaqueUriComponents UriComponents UriTemplate
			""";

	/**
	 * Types of libraries. Functions, predicates, suppliers and comparators are not
	 * values.
	 */
	private static final String LIBRARIES = """
			com.fasterxml.jackson.databind.node NodeSerialization
			com.google.common.base Absent Optional Present
			com.google.common.collect AbstractBiMap AbstractListMultimap AbstractMapBasedMultimap \
				AbstractMapBasedMultiset AbstractSetMultimap AbstractSortedKeySortedSetMultimap \
				AbstractSortedSetMultimap ArrayListMultimap ArrayListMultimapGwtSerializationDependencies ArrayTable \
				BoundType ConcurrentHashMultiset Cut Cut$AboveAll Cut$AboveValue Cut$BelowAll Cut$BelowValue \
				EmptyImmutableListMultimap EmptyImmutableSetMultimap EnumBiMap EnumHashBiMap EnumMultiset \
				EvictingQueue HashBasedTable HashBasedTable$Factory HashBiMap HashMultimap \
				HashMultimapGwtSerializationDependencies HashMultiset ImmutableAsList$SerializedForm \
				ImmutableBiMap$SerializedForm ImmutableEnumMap$EnumSerializedForm \
				ImmutableEnumSet$EnumSerializedForm ImmutableList$SerializedForm ImmutableListMultimap \
				ImmutableMap$SerializedForm ImmutableMapEntrySet$EntrySetSerializedForm \
				ImmutableMapKeySet$KeySetSerializedForm ImmutableMapValues$SerializedForm ImmutableMultimap \
				ImmutableMultimapGwtSerializationDependencies ImmutableMultiset$EntrySetSerializedForm \
				ImmutableMultiset$SerializedForm ImmutableMultisetGwtSerializationDependencies \
				ImmutableRangeMap$SerializedForm ImmutableRangeSet$SerializedForm ImmutableSet$SerializedForm \
				ImmutableSetMultimap ImmutableSortedMap$SerializedForm ImmutableSortedMultiset$SerializedForm \
				ImmutableSortedSet$SerializedForm ImmutableTable$SerializedForm LinkedHashMultimap \
				LinkedHashMultimapGwtSerializationDependencies LinkedHashMultiset LinkedListMultimap \
				Lists$OnePlusArrayList Lists$TwoPlusArrayList Multimaps$Unmodifiable* NaturalOrdering \
				NullsFirstOrdering NullsLastOrdering Ordering Range RangeGwtSerializationDependencies \
				ReverseNaturalOrdering ReverseOrdering \
				Sets$UnmodifiableNavigableSet StandardRowSortedTable StandardTable Synchronized$* \
				Tables$ImmutableCell TreeBasedTable TreeBasedTable$Factory TreeMultimap TreeMultiset \
				TreeRangeSet UnmodifiableSortedMultiset
			com.google.common.hash HashCode HashCode$BytesHashCode HashCode$IntHashCode HashCode$LongHashCode
			com.google.common.math PairedStats Stats
			com.google.common.net HostAndPort
			com.google.common.util.concurrent AtomicDouble
			com.google.common.primitives Booleans$BooleanArrayAsList Bytes$ByteArrayAsList Chars$CharArrayAsList \
				Doubles$DoubleArrayAsList DoublesMethodsForWeb Floats$FloatArrayAsList ImmutableDoubleArray \
				ImmutableIntArray ImmutableLongArray Ints$IntArrayAsList Longs$LongArrayAsList \
				Shorts$ShortArrayAsList UnsignedInteger UnsignedLong
			com.nimbusds.jose.shaded.gson.internal LinkedTreeMap
			jakarta.servlet.http Cookie
			jakarta.validation.constraints Pattern$Flag
			jakarta.xml.bind JAXBElement JAXBElement$GlobalScope
			kotlin InitializedLazyImpl Pair Result Result$Failure Triple Unit
			kotlin.collections EmptyList EmptyMap EmptySet
			kotlin.collections.builders SerializedCollection SerializedMap
			kotlin.text RegexOption
			kotlin.time DurationUnit InstantSerialized
			kotlin.uuid UuidSerialized
			org.apache.commons.lang3 CharRange CharSet DoubleRange IntegerRange LongRange NumberRange Range \
				Range$ComparableComparator
			org.apache.commons.lang3.math Fraction
			org.apache.commons.lang3.mutable MutableBoolean MutableByte MutableDouble MutableFloat MutableInt \
				MutableLong MutableObject MutableShort
			org.apache.commons.lang3.time FastDateFormat FastDateParser FastDatePrinter GmtTimeZone
			org.apache.commons.lang3.tuple ImmutablePair ImmutableTriple MutablePair MutableTriple Pair Triple
			org.apache.tomcat.websocket.server WsHttpSessionBindingListener
			org.apereo.cas.client.authentication AttributePrincipalImpl SimplePrincipal
			org.apereo.cas.client.validation AssertionImpl
			org.hibernate.collection.spi AbstractPersistentCollection PersistentArrayHolder PersistentBag \
				PersistentIdentifierBag PersistentList PersistentMap PersistentSet PersistentSortedMap \
				PersistentSortedSet
			org.hibernate.validator.constraints CodePointLength$NormalizationStrategy CompositionType EAN$Type ISBN$Type
			tools.jackson.databind.node NodeSerialization
			""";

	/**
	 * Packages of the JDK whose exceptions may be stored as they are. All others,
	 * including those of libraries, are replaced when they are written.
	 */
	private static final Set<String> PACKAGES_OF_EXCEPTIONS = Set.of("java.io", "java.lang", "java.net",
			"java.nio.charset", "java.nio.file", "java.security", "java.security.cert", "java.sql", "java.text",
			"java.util", "java.util.concurrent", "java.util.regex", "java.util.zip");

	private static final String SPRING_SECURITY = "org.springframework.security.";

	private static final Set<String> NAMES = new HashSet<>();

	/** Prefixes of the names of nested classes. */
	private static final Set<String> OWNERS = new HashSet<>();

	static {
		(JDK + SPRING + LIBRARIES).lines().forEach(BuiltInTypes::add);
	}

	private BuiltInTypes() {
	}

	private static void add(String line) {
		String[] words = line.split("\\s+");
		for (int i = 1; i < words.length; i++) {
			String name = words[0] + "." + words[i];
			if (name.endsWith("*")) {
				OWNERS.add(name.substring(0, name.length() - 1));
			}
			else {
				NAMES.add(name);
			}
		}
	}

	/** Returns the names of the listed types. */
	static Set<String> names() {
		return Collections.unmodifiableSet(NAMES);
	}

	/** Returns the prefixes of the names of nested types of which all are allowed. */
	static Set<String> prefixesOfNested() {
		return Collections.unmodifiableSet(OWNERS);
	}

	static boolean contains(String name) {
		return NAMES.contains(name) || name.startsWith(SPRING_SECURITY) || name.startsWith("java.time.")
				|| isNested(name) || isException(name);
	}

	private static boolean isNested(String name) {
		return name.indexOf('$') > 0 && OWNERS.stream().anyMatch(name::startsWith);
	}

	private static boolean isException(String name) {
		return (name.endsWith("Exception") || name.endsWith("Error"))
				&& PACKAGES_OF_EXCEPTIONS.contains(name.substring(0, Math.max(0, name.lastIndexOf('.'))));
	}

}
