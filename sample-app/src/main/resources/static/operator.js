// The script of the operator's page. Polls the Actuator endpoint "redissessions" every few seconds and shows its responses.
// Data from Redis is inserted into the page as text, never as HTML: a user's name may be "<script>".

const page = document.getElementById('operator');
const { endpoint, login, csrfHeader, csrfToken, handle: ownHandle } = page.dataset;
const pollMillis = Number(page.dataset.pollMillis);

const PAGE_SIZE = 20;
const TIMEOUT_MILLIS = 15_000;

const byId = (id) => document.getElementById(id);

// Requests to the endpoint

class Problem extends Error {

	// passing: whether the problem resolves itself when the shop and Redis are available again
	constructor(message, { passing = false, status = 0 } = {}) {
		super(message);
		this.passing = passing;
		this.status = status;
	}

}

async function ask(query, method = 'GET', content = null) {
	const headers = { Accept: 'application/json' };
	if (method !== 'GET') {
		headers[csrfHeader] = csrfToken;
	}
	if (content !== null) {
		headers['Content-Type'] = 'application/json';
	}
	let response;
	try {
		response = await fetch(endpoint + query, {
			method, headers, body: (content !== null) ? JSON.stringify(content) : null, redirect: 'error',
			signal: AbortSignal.timeout(TIMEOUT_MILLIS),
		});
	}
	catch {
		throw new Problem('The shop doesn’t answer: it has stopped, or the network between is down.', { passing: true });
	}
	const answer = await response.json().catch(() => null);
	if (!response.ok) {
		throw problemOf(response.status, answer);
	}
	return answer;
}

function problemOf(status, answer) {
	// The endpoint's error responses describe the problem. Spring Boot's own, which contain a path, don't
	const said = (answer && !answer.path && typeof answer.error === 'string') ? answer.error : null;
	switch (status) {
		case 401:
			return new Problem('You are signed out: your session has ended.', { status });
		case 403:
			return new Problem('This was refused. Reload the page, and sign in as an administrator.', { status });
		case 404:
			return new Problem(said ?? 'There is no such session any more.', { status });
		case 405:
			return new Problem('The endpoint only reads: set management.endpoint.redissessions.access=unrestricted.',
					{ status });
		case 503:
			return new Problem('Redis doesn’t answer, so no session can be read.' + (said ? ' ' + said : ''),
					{ passing: true, status });
		default:
			return new Problem(said ?? `The shop answered with error ${status}.`, { passing: status >= 500, status });
	}
}

// Building the page

function element(name, { text = null, title = null, className = null } = {}, ...children) {
	const made = document.createElement(name);
	if (text !== null) {
		made.textContent = text;
	}
	if (title !== null) {
		made.title = title;
	}
	if (className !== null) {
		made.className = className;
	}
	made.append(...children);
	return made;
}

function showText(id, text) {
	byId(id).textContent = text ?? '';
	byId(id).hidden = text === null;
}

function inWords(problem) {
	if (problem instanceof Problem) {
		return problem.message;
	}
	console.error(problem);
	return 'This page doesn’t understand the answer: it belongs to another version of the shop. Reload it.';
}

function showProblem(problem) {
	const place = byId('problem');
	const text = (problem !== null) ? inWords(problem) : null;
	// Only when it changes, since a screen reader reads each update aloud
	if (place.dataset.text !== (text ?? '')) {
		place.dataset.text = text ?? '';
		showText('problem', text);
		if (problem?.status === 401) {
			const link = element('a', { text: 'Sign in' });
			link.href = login;
			place.append(' ', link);
		}
	}
	page.classList.toggle('stale', problem !== null);
}

let outcomePasses = false;

function showOutcome(text, problem = null) {
	showText('outcome', (problem !== null) ? inWords(problem) : text);
	byId('outcome').classList.toggle('bad', problem !== null);
	byId('outcome').classList.toggle('good', problem === null);
	outcomePasses = problem?.passing ?? false;
}

function confirmed(question, answer) {
	const dialog = byId('confirm');
	showText('question', question);
	showText('yes', answer);
	dialog.returnValue = 'no';
	dialog.showModal();
	return new Promise((resolve) => dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'),
			{ once: true }));
}

// Words and numbers

const count = new Intl.NumberFormat('en');
const dateAndTime = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const timeOfDay = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

function times(number, noun) {
	return `${count.format(number)} ${noun}${(number === 1) ? '' : 's'}`;
}

function size(bytes) {
	if (bytes === null || bytes === undefined) {
		return '–';
	}
	const units = ['B', 'KB', 'MB', 'GB', 'TB'];
	let unit = 0;
	let value = bytes;
	while (value >= 1024 && unit < units.length - 1) {
		value /= 1024;
		unit++;
	}
	return `${(unit === 0) ? value : value.toFixed(1)} ${units[unit]}`;
}

function duration(millis) {
	const seconds = Math.floor(millis / 1000);
	if (seconds < 60) {
		return `${seconds} s`;
	}
	if (seconds < 3600) {
		return `${Math.floor(seconds / 60)} min`;
	}
	if (seconds < 86_400) {
		return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds % 3600 / 60)} min`;
	}
	return times(Math.floor(seconds / 86_400), 'day');
}

function moment(instant) {
	return instant ? dateAndTime.format(new Date(instant)) : '–';
}

// The instance's clock minus this machine's, so that "ago" is correct even if the clocks differ
let clockOffset = 0;

function ago(instant) {
	if (!instant) {
		return '–';
	}
	const millis = Date.now() + clockOffset - Date.parse(instant);
	return (millis < 1000) ? 'just now' : `${duration(millis)} ago`;
}

// Live sessions over time

const POINTS = 'operator.points';
const MAX_POINTS = 1000;

let points = loadPoints();

function loadPoints() {
	try {
		const stored = JSON.parse(sessionStorage.getItem(POINTS)) ?? [];
		return stored.filter(([time, live]) => Number.isFinite(time) && Number.isFinite(live));
	}
	catch {
		return [];
	}
}

function addPoint(live) {
	if (Number.isFinite(live)) {
		points.push([Date.now(), live]);
		points = points.slice(-MAX_POINTS);
		try {
			sessionStorage.setItem(POINTS, JSON.stringify(points));
		}
		catch {
			// The storage is full: the points are kept only as long as the page is open
		}
	}
}

function svg(name, attributes, text = null) {
	const made = document.createElementNS('http://www.w3.org/2000/svg', name);
	Object.entries(attributes).forEach(([attribute, value]) => made.setAttribute(attribute, value));
	if (text !== null) {
		made.textContent = text;
	}
	return made;
}

// The step between grid lines: 1, 2 or 5 times a power of ten, at most four steps up to the top
function stepFor(top) {
	let step = 1;
	for (let power = 1; ; power *= 10) {
		for (const digit of [1, 2, 5]) {
			step = digit * power;
			if (step * 4 >= top) {
				return step;
			}
		}
	}
}

// The order matters: Edge also claims to be Chrome, Chrome to be Safari, an iPhone to be like Mac OS X
const BROWSERS = [['Edg', 'Edge'], ['OPR/', 'Opera'], ['Firefox/', 'Firefox'], ['FxiOS/', 'Firefox'], ['CriOS/', 'Chrome'],
	['Chrome/', 'Chrome'], ['Safari/', 'Safari'], ['curl/', 'curl']];
const SYSTEMS = [['Android', 'Android'], ['iPhone', 'iPhone'], ['iPad', 'iPad'], ['Windows', 'Windows'],
	['Mac OS X', 'macOS'], ['CrOS', 'ChromeOS'], ['Linux', 'Linux']];

/** Returns the names of browser and system, or the user agent itself if it is neither. */
function device(userAgent) {
	const [browser, system] = [BROWSERS, SYSTEMS].map((names) => names.find(([mark]) => userAgent?.includes(mark))?.[1]);
	return [browser, system].filter(Boolean).join(' on ') || userAgent;
}

function drawPlot() {
	const plot = byId('plot');
	const width = plot.clientWidth;
	const height = plot.clientHeight;
	const [left, right, top, bottom] = [44, 12, 10, 24];
	plot.replaceChildren();
	if (points.length === 0 || width === 0) {
		return;
	}
	const values = points.map(([, live]) => live);
	const max = Math.max(...values, 1);
	const step = stepFor(max);
	const ceiling = Math.ceil(max / step) * step;
	const end = Date.now();
	const start = Math.min(points[0][0], end - 10 * pollMillis);
	const x = (time) => left + (time - start) / (end - start) * (width - left - right);
	const y = (live) => height - bottom - live / ceiling * (height - top - bottom);
	for (let live = 0; live <= ceiling; live += step) {
		plot.append(svg('line', { x1: left, x2: width - right, y1: y(live), y2: y(live), class: 'grid' }),
				svg('text', { x: left - 8, y: y(live) + 4, class: 'tick end' }, count.format(live)));
	}
	const labels = Math.max(2, Math.min(6, Math.floor(width / 140)));
	for (let i = 0; i < labels; i++) {
		const time = start + i / (labels - 1) * (end - start);
		const side = (i === 0) ? 'start' : (i === labels - 1) ? 'end' : 'middle';
		plot.append(svg('text', { x: x(time), y: height - 6, class: `tick ${side}` }, timeOfDay.format(new Date(time))));
	}
	// The line is interrupted where values are missing
	let path = '';
	let before = -Infinity;
	points.forEach(([time, live]) => {
		const gap = time - before > 3 * pollMillis + 2000;
		path += `${gap ? 'M' : 'L'}${x(time).toFixed(1)} ${y(live).toFixed(1)}${gap ? 'h0' : ''}`;
		before = time;
	});
	const [lastTime, lastLive] = points[points.length - 1];
	plot.append(svg('path', { d: path, class: 'line' }),
			svg('circle', { cx: x(lastTime), cy: y(lastLive), r: 4, class: 'dot' }));
	plot.dataset.points = points.length;
	plot.setAttribute('aria-label', `Live sessions over time: ${lastLive} now, between ${Math.min(...values)} and `
			+ `${Math.max(...values)} since ${timeOfDay.format(new Date(points[0][0]))}`);
}

// The overview: counts, server, findings

function showOverview(overview) {
	clockOffset = Date.parse(overview.time) - Date.now();
	const { live, created, deleted, expired } = overview.sessions;
	addPoint(live);
	showText('live', Number.isFinite(live) ? count.format(live) : '–');
	showText('counts', `On this instance since it started: ${count.format(created)} created, `
			+ `${count.format(deleted)} ended, ${count.format(expired)} expired`);
	byId('server').replaceChildren(...serverLines(overview).map(([term, ...texts]) => element('div', {},
			element('dt', { text: term }), element('dd', {}, ...texts.map((text) => element('span', { text }))))));
	if (overview.check) {
		showCheck(overview.check);
	}
	else {
		showText('checked', 'Not checked since this instance started.');
	}
}

function serverLines({ server, collector, breaker, nearCache, locks }) {
	const lines = [];
	if (server) {
		lines.push(['Redis', [nameOf(server.kind), server.version, server.mode].filter(Boolean).join(' ')]);
		lines.push(['Nodes', ...(server.nodes ?? []).map(nodeInWords)]);
	}
	if (collector) {
		lines.push(['Collector', collectorInWords(collector)]);
	}
	lines.push(['Breaker', breakerInWords(breaker)]);
	if (nearCache) {
		lines.push(['Near cache', nearCacheInWords(nearCache)]);
	}
	if (locks) {
		lines.push(['Locks', `${times(locks.waits, 'wait')} of ${duration(locks.waitMillis)} in all, `
				+ `${times(locks.timeouts, 'timeout')}, ${times(locks.refusals, 'refusal')}, ${locks.lost} lost`]);
	}
	return lines;
}

function nearCacheInWords({ sessions, memory, hits, misses, stale, evictions, trust, trusted, overtaken }) {
	const lookups = hits + misses + stale;
	const share = (lookups > 0) ? `, ${Math.round(100 * hits / lookups)} % of ${times(lookups, 'lookup')} up to date` : '';
	const unasked = (trust || trusted > 0) ? `, ${times(trusted, 'request')} without asking Redis`
			+ `${trust ? '' : ' (suspended)'}, ${times(overtaken, 'save')} overtaken` : '';
	return `${times(sessions, 'session')} in ${size(memory)}${share}, ${times(evictions, 'eviction')}${unasked}`;
}

function nameOf(kind) {
	return { redis: 'Redis', valkey: 'Valkey' }[kind] ?? kind;
}

function nodeInWords(node) {
	const memory = (node.maxMemory > 0) ? `${size(node.usedMemory)} of ${size(node.maxMemory)} used`
			: `${size(node.usedMemory)} used, no limit`;
	return [`${node.address}: ${node.role}`, (node.replicas > 0) ? times(node.replicas, 'replica') : null, memory,
			node.evictionPolicy].filter(Boolean).join(', ');
}

function collectorInWords({ enabled, leading, leader, lagMillis, lastRun }) {
	const words = [];
	if (leading) {
		words.push('this instance collects expired sessions');
	}
	else if (leader) {
		words.push(`${leader} collects expired sessions`);
	}
	else {
		words.push('nobody collects expired sessions');
	}
	if (!enabled) {
		words.push('switched off on this instance');
	}
	if (Number.isFinite(lagMillis)) {
		words.push((lagMillis < 1000) ? 'nothing is overdue' : `${duration(lagMillis)} behind`);
	}
	if (lastRun) {
		words.push(`last run ${ago(lastRun)}`);
	}
	return words.join(', ');
}

function breakerInWords(breaker) {
	const words = {
		closed: 'closed: requests ask Redis',
		open: 'open: requests are answered 503 at once, until Redis answers again',
		'half-open': 'half open: a few requests find out whether Redis answers again',
	};
	return words[breaker] ?? breaker ?? 'none';
}

function showCheck({ time, latencyMillis, severity, findings }) {
	const latency = Number.isFinite(latencyMillis) ? `, a round trip took ${latencyMillis.toFixed(2)} ms` : '';
	showText('checked', `Checked ${ago(time)}${latency}. `
			+ ((findings.length === 0) ? 'Nothing endangers the sessions.' : `${times(findings.length, 'finding')}:`));
	byId('checked').dataset.time = time;
	byId('checked').dataset.severity = severity ?? '';
	byId('findings').replaceChildren(...findings.map((finding) => element('li', { className: 'finding' },
			element('p', {},
					element('span', { text: finding.severity.toLowerCase(),
							className: `badge ${finding.severity.toLowerCase()}` }), ' ',
					element('code', { text: finding.code }), ' ', finding.node ?? ''),
			element('p', { text: finding.what, className: 'what' }),
			element('p', { text: finding.why }),
			element('p', { className: 'remedy' }, element('strong', { text: 'To do: ' }), finding.remedy))));
}

// The table of sessions

const table = document.querySelector('table.sessions');
const rows = new Map();
let shown = { principal: '', product: '', cursor: null, next: null };
let latest = 0;
// The sessions that the button below the table ends
let ending = { principal: '', product: '' };

// The sessions that have all of these values: the index 'cart' has the products in the cart
function queryOf({ principal, product }) {
	const query = new URLSearchParams();
	if (principal) {
		query.set('principal', principal);
	}
	if (product) {
		query.set('cart', product);
	}
	return query;
}

function nameOfAll({ principal, product }) {
	return [principal ? `of ${principal}` : null, product ? `with ${product} in the cart` : null].filter(Boolean).join(' ');
}

async function loadSessions(wanted = shown) {
	const asked = ++latest;
	// Set before the response arrives, so that polls request these sessions from now on
	if (wanted !== shown) {
		shown = { ...wanted, next: null };
	}
	const query = queryOf(wanted);
	query.set('limit', PAGE_SIZE);
	if (wanted.cursor) {
		query.set('cursor', wanted.cursor);
	}
	const { sessions, next } = await ask(`?${query}`);
	// An older response may arrive after a newer one
	if (asked === latest) {
		shown.next = next;
		showSessions(sessions);
	}
}

function showSessions(sessions) {
	const handles = new Set(sessions.map(({ handle }) => handle));
	[...rows.keys()].filter((handle) => !handles.has(handle)).forEach((handle) => {
		rows.get(handle).body.remove();
		rows.delete(handle);
	});
	sessions.forEach((session, i) => {
		const row = rows.get(session.handle) ?? new SessionRow(session.handle);
		rows.set(session.handle, row);
		row.show(session);
		// Moved only if necessary, since a moved element loses the focus
		if (table.tBodies[i] !== row.body) {
			table.insertBefore(row.body, table.tBodies[i] ?? null);
		}
	});
	showText('none', (sessions.length > 0) ? null
			: nameOfAll(shown) ? `There are no sessions ${nameOfAll(shown)}.` : 'There are no sessions.');
	byId('first').hidden = shown.cursor === null;
	byId('next').hidden = !shown.next;
	showText('end-all', (nameOfAll(shown) && sessions.length > 0) ? `End all ${nameOfAll(shown)}` : null);
	ending = { principal: shown.principal, product: shown.product };
}

class SessionRow {

	constructor(handle) {
		this.handle = handle;
		this.open = element('button', { className: 'plain', title: 'Show its attributes' }, element('code', { text: handle }));
		this.open.setAttribute('aria-expanded', 'false');
		this.open.addEventListener('click', () => this.toggle());
		this.end = element('button', { className: 'quiet', text: 'End' });
		this.end.setAttribute('aria-label', `End session ${handle}`);
		this.end.addEventListener('click', () => endOne(handle));
		this.cells = Object.fromEntries(['User', 'Created', 'Last access', 'Expires', 'Size', 'Client']
			.map((label) => [label, element('td')]));
		Object.entries(this.cells).forEach(([label, cell]) => { cell.dataset.label = label; });
		this.cells.Size.classList.add('number');
		this.cells.Client.classList.add('client');
		this.attributes = element('td');
		this.attributes.colSpan = 8;
		this.details = element('tr', { className: 'details' }, this.attributes);
		this.details.hidden = true;
		const name = element('td', {}, this.open);
		if (handle === ownHandle) {
			name.append(' ', element('span', { className: 'badge', text: 'You' }));
		}
		this.body = element('tbody', {}, element('tr', {}, name, ...Object.values(this.cells),
				element('td', { className: 'number' }, this.end)), this.details);
		this.body.dataset.handle = handle;
	}

	show({ principal, created, lastAccess, idleDeadline, absoluteDeadline, bytes, client }) {
		const deadlines = [idleDeadline, absoluteDeadline].filter(Boolean).map((instant) => Date.parse(instant));
		const expires = (deadlines.length > 0)
				? `in ${duration(Math.max(0, Math.min(...deadlines) - Date.now() - clockOffset))}` : 'never';
		this.put('User', principal ?? '–');
		this.put('Created', ago(created), moment(created));
		this.put('Last access', ago(lastAccess), moment(lastAccess));
		this.put('Expires', expires, [idleDeadline ? `${moment(idleDeadline)} if it isn’t used` : null,
				absoluteDeadline ? `${moment(absoluteDeadline)} at the latest` : null].filter(Boolean).join(', '));
		this.put('Size', size(bytes));
		this.put('Client', [device(client?.userAgent), client?.address].filter(Boolean).join(' · ') || '–',
				client?.userAgent ?? '');
	}

	put(label, text, title = '') {
		this.cells[label].textContent = text;
		this.cells[label].title = title;
	}

	async toggle() {
		const open = this.details.hidden;
		this.details.hidden = !open;
		this.open.setAttribute('aria-expanded', String(open));
		if (open) {
			this.attributes.replaceChildren(element('span', { text: 'Loading …' }));
			try {
				const { attributes } = await ask(`/${encodeURIComponent(this.handle)}`);
				this.attributes.replaceChildren(attributeList(attributes));
			}
			catch (problem) {
				this.attributes.replaceChildren(element('span', { text: inWords(problem) }));
			}
		}
	}

}

function attributeList(attributes) {
	if (attributes.length === 0) {
		return element('span', { text: 'It has no attributes.' });
	}
	return element('ul', { className: 'attributes' }, ...attributes.map(({ name, type, bytes }) => element('li', {},
			element('code', { text: name }), element('span', { text: type ?? 'unknown type' }),
			element('span', { className: 'number', text: size(bytes) }))));
}

// The operator's actions

async function act(action) {
	try {
		showOutcome(await action());
	}
	catch (problem) {
		showOutcome(null, problem);
	}
}

async function endOne(handle) {
	if (handle === ownHandle && !await confirmed('This is your own session: you will be signed out.', 'End it')) {
		return;
	}
	await act(async () => {
		const { ended } = await ask(`/${encodeURIComponent(handle)}`, 'DELETE');
		await loadSessions();
		return (ended > 0) ? `Session ${handle} has ended.` : `Session ${handle} had ended before.`;
	});
}

async function endAll() {
	const wanted = ending;
	await act(async () => {
		const query = queryOf(wanted);
		const { count: number } = await ask(`?${query}&count=true`);
		if (!await confirmed(`End ${times(number, 'session')} ${nameOfAll(wanted)}? Every device is signed out.`, 'End them')) {
			return null;
		}
		const { ended } = await ask(`?${query}`, 'DELETE');
		await loadSessions({ ...wanted, cursor: null });
		return `${times(ended, 'session')} ${nameOfAll(wanted)} ended.`;
	});
}

const MAX_VALUES = 100;

async function countBy(index) {
	const { counts, next } = await ask(`?${new URLSearchParams({ counts: index, limit: MAX_VALUES })}`);
	byId('values').replaceChildren(...counts.map(({ value, count: number }) => element('li', {},
			element('code', { text: value }), element('span', { text: times(number, 'session') }))));
	showText('values-hint', (counts.length === 0) ? 'No session has such a value.'
			: next ? `The first ${MAX_VALUES} values, in alphabetical order.` : null);
	return null;
}

byId('search').addEventListener('submit', (event) => {
	event.preventDefault();
	const form = new FormData(event.target);
	const wanted = { principal: form.get('principal').trim(), product: form.get('product').trim(), cursor: null };
	act(() => loadSessions(wanted).then(() => null));
});
byId('first').addEventListener('click', () => act(() => loadSessions({ ...shown, cursor: null }).then(() => null)));
byId('next').addEventListener('click', () => {
	// There is no next page while the response to the last click is pending
	if (shown.next) {
		act(() => loadSessions({ ...shown, cursor: shown.next }).then(() => null));
	}
});
byId('end-all').addEventListener('click', endAll);
document.querySelectorAll('[data-counts]').forEach((button) => button.addEventListener('click',
		() => act(() => countBy(button.dataset.counts))));
byId('check').addEventListener('click', () => act(async () => {
	byId('check').disabled = true;
	try {
		showCheck(await ask('', 'POST', { action: 'check' }));
		return null;
	}
	finally {
		byId('check').disabled = false;
	}
}));
new ResizeObserver(drawPlot).observe(byId('plot'));

async function poll() {
	try {
		showOverview(await ask(''));
		await loadSessions();
		showProblem(null);
		if (outcomePasses) {
			showOutcome(null);
		}
	}
	catch (problem) {
		showProblem(problem);
	}
	drawPlot();
	setTimeout(poll, pollMillis);
}

poll();
