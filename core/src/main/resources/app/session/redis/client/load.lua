-- Reads one session, and renews its time to live if necessary. This is the hot path: every request begins here.
-- KEYS[1]  the session
-- ARGV[1]  digest of the secret that the client sent; '' if the caller looks up the session by its handle
-- ARGV[2]  minimum milliseconds since the last access for this read to count as an access; -1: never
-- ARGV[3]  the header of the content of which the caller has a copy; * if the caller reads the content by an HGETALL
--          that follows; '' or absent to return it
-- ARGV[4]  the maximum size in bytes; '' or absent if unlimited
-- ARGV[5]  the milliseconds for which the caller will use a copy without asking again; absent for none
-- result   0 no such session; -1 newer format; -5 damaged; -3 expired, but not yet removed; else field, value, ..., age
--          in milliseconds [, if Redis refused to renew the time to live although the read succeeds: 2 because it is a
--          replica, 3 because it lacks replicas, else 1; otherwise 4 if the session's absolute deadline is within
--          ARGV[5]]; with *, or if the session has the header in ARGV[3], -8 instead of the fields and values; with
--          ARGV[4] [-6, bytes] if the session is larger
-- cost     HGETALL, PTTL and, if the time to live is renewed, PEXPIRE; if the session stores its last access: TIME,
--          HGET, HSET; at the client's second request, if it changes the idle timeout: TIME, HSET. With ARGV[3] HGET, and
--          HGETALL only if the session has another header
local key, copy = KEYS[1], ARGV[3]
local content, size, m, place
if copy and copy ~= '' then
	m = redis.pcall('HGET', key, 'm')
	-- A copy from before the second request is of no use, because that request changes the header.
	if copy ~= '*' and (m ~= copy or string.byte(m) >= 24 and ARGV[2] ~= '-1') or type(m) == 'table' then
		m = nil
	end
end
if m == nil then
	content = redis.pcall('HGETALL', key)
	if content.err then
		if string.find(content.err, 'WRONGTYPE', 1, true) then
			return -5
		end
		content = redis.call('HGETALL', key)
	end
	size = #content
	for i = 1, size, 2 do
		if content[i] == 'm' then
			place = i + 1
			m = content[place]
			break
		end
	end
end
if not m then
	return 0
end
local flags = (string.byte(m) or 16) - 16
if flags < 0 or flags > 15 then
	return -1
end
if #m < 38 + (flags % 8 >= 4 and 6 or 0) + (flags >= 8 and 5 or 0) then
	return -5
end
if ARGV[1] ~= '' and ARGV[1] ~= string.sub(m, 2, 17) then
	return 0
end
if flags % 2 == 1 then
	return -3
end
local idle, grace = struct.unpack('>i5I4', m, 24)
local touch = tonumber(ARGV[2])
if idle > 0 and touch > idle / 10 then
	touch = idle / 10
end
local second = flags >= 8 and touch >= 0
local age, moved, soon
local absolute = 0
if flags % 8 < 2 then
	local ttl = redis.call('PTTL', key)
	if ttl <= grace then
		return -3
	end
	age = math.max(idle + grace - ttl, 0)
	if touch >= 0 and age >= touch and not second then
		-- Redis formats a number more slowly. %d is an int on 32-bit systems.
		local living = idle + grace
		moved = redis.pcall('PEXPIRE', key, string.format(living < 2147483648 and '%d' or '%.0f', living))
	end
else
	local time = redis.call('TIME')
	local now = time[1] * 1000 + math.floor(time[2] / 1000)
	absolute = flags % 8 >= 4 and struct.unpack('>I6', m, 39) or 0
	local last = tonumber(redis.call('HGET', key, 'l'))
	age = last and last >= 0 and last <= now and now - last or 0
	soon = absolute > 0 and ARGV[5] and absolute - now <= tonumber(ARGV[5])
	if (idle > 0 and age >= idle) or (absolute > 0 and now >= absolute) then
		return -3
	end
	if touch >= 0 and age >= touch and not second then
		moved = redis.pcall('HSET', key, 'l', now)
		if idle > 0 and type(moved) ~= 'table' then
			local left = idle
			if absolute > 0 then
				left = math.min(idle, absolute - now)
			end
			moved = redis.pcall('PEXPIRE', key, left + grace)
		end
	end
end
if second then
	-- From the client's second request on, the session has its regular idle timeout.
	local first = absolute > 0 and 45 or 39
	idle = struct.unpack('>i5', m, first)
	local time = redis.call('TIME')
	local now = time[1] * 1000 + math.floor(time[2] / 1000)
	local kept = absolute > 0 or idle <= 0
	m = string.char(16 + (absolute > 0 and 6 or kept and 2 or 0)) .. string.sub(m, 2, 23) .. struct.pack('>i5', idle)
		.. string.sub(m, 29, first - 1) .. string.sub(m, first + 5)
	moved = kept and redis.pcall('HSET', key, 'm', m, 'l', now) or redis.pcall('HSET', key, 'm', m)
	if type(moved) ~= 'table' then
		if content then
			content[place] = m
		end
		if idle > 0 or absolute > 0 then
			local left = idle
			if absolute > 0 and (idle <= 0 or absolute - now < idle) then
				left = absolute - now
			end
			moved = redis.pcall('PEXPIRE', key, left + grace)
		else
			moved = redis.pcall('PERSIST', key)
		end
	end
end
if content and ARGV[4] and ARGV[4] ~= '' then
	local bytes = 0
	for i = 1, size do
		bytes = bytes + #content[i]
	end
	if bytes > tonumber(ARGV[4]) then
		return { -6, bytes }
	end
end
if not content then
	content, size = { -8 }, 1
end
content[size + 1] = age
if type(moved) == 'table' then
	content[size + 2] = string.find(moved.err, 'READONLY', 1, true) and 2 or string.find(moved.err, 'NOREPLICAS', 1, true) and 3
		or 1
elseif soon then
	content[size + 2] = 4
end
return content
