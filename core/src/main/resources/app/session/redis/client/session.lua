-- The shared code of the scripts on a session. It is prepended to each of them except load.lua, whose hot path avoids
-- function calls.
--
-- A session is one hash. Its field 'm' is the header, in network byte order:
--   1      16 times the format version, which is 1, plus flags: 1 claimed as expired, 2 the last access is stored in
--          field 'l' because it can't be derived from the time to live, 4 has an absolute deadline, 8 its client has
--          not yet used it in a second request
--   2-17   digest of the secret of its id: the first half of its SHA-256
--   18-23  creation time, in milliseconds since 1970
--   24-28  idle timeout in milliseconds, 0 or less: never
--   29-32  grace in milliseconds: how long its content is kept after it has expired
--   33-38  revision: every save changes it, unless the save only records an access. Two headers of a session that are
--          equal therefore belong to the same content
--   then   absolute deadline in milliseconds since 1970, six bytes, if there is one
--   then   idle timeout in milliseconds from the second request on, five bytes, until that request
--   then   up to a total of 64 bytes, index entries if they fit: a longer value in a small session would make Redis
--          give up its compact encoding of small hashes
-- Further fields: 'i' index entries that don't fit, 'l' last access, 'c' the claim, 'n' how often it was claimed again,
-- 's' the secret if ids are not protected, 'o' after a change of the id the digest of the previous secret, 16 bytes,
-- and the time in milliseconds since 1970 until which saves of requests that were loaded under it are accepted, 'a' for
-- a sealed session its epoch and the authentication code of the header, 16 bytes each, 'p' for a session that was taken
-- over from another repository the salt of its id, 16 bytes, and the time in milliseconds since 1970 until which its id
-- there is accepted, and one field per attribute. The name of an attribute that could be mistaken for one of these,
-- because it has at most one byte or begins with a colon, is prefixed with a colon.
local FORMAT = 16
local DAY = 86400000
-- How often a session may be claimed again before its time to live is no longer extended.
local ATTEMPTS = 10

local function clock()
	local time = redis.call('TIME')
	return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Returns the flags of a header, or nil and the status that scripts return instead: -5 if the header is shorter than its
-- flags require, -1 if it has another format.
local function flagsof(m)
	local first = string.byte(m)
	if not first then
		return nil, -5
	end
	if first < FORMAT or first >= 2 * FORMAT then
		return nil, -1
	end
	local flags = first - FORMAT
	if #m < 38 + (flags % 8 >= 4 and 6 or 0) + (flags >= 8 and 5 or 0) then
		return nil, -5
	end
	return flags
end

-- Returns the header of the session under a key; or nil and 0 if there is none, -5 if the key has another type.
local function headerof(key)
	local m = redis.pcall('HGET', key, 'm')
	if type(m) ~= 'table' then
		return m or nil, 0
	end
	if string.find(m.err, 'WRONGTYPE', 1, true) then
		return nil, -5
	end
	return redis.call('HGET', key, 'm')
end

-- Returns when the session was last accessed. A negative time or one in the future counts as now.
local function accessed(key, now)
	local last = tonumber(redis.call('HGET', key, 'l'))
	return last and last >= 0 and last <= now and last or now
end

-- Returns the idle timeout, grace, absolute deadline (0: none), idle timeout from the second request on (nil: there was
-- one), and the position of the index entries.
local function times(m, flags)
	local idle, grace = struct.unpack('>i5I4', m, 24)
	local absolute, later, position = 0, nil, 39
	if flags % 8 >= 4 then
		absolute, position = struct.unpack('>I6', m, position)
	end
	if flags >= 8 then
		later, position = struct.unpack('>i5', m, position)
	end
	return idle, grace, absolute, later, position
end

-- Returns the header with other flags and times, followed by the rest.
local function header(m, flags, digest, idle, grace, absolute, later, rest)
	return string.char(FORMAT + flags) .. digest .. string.sub(m, 18, 23) .. struct.pack('>i5I4', idle, grace)
		.. string.sub(m, 33, 38) .. (absolute > 0 and struct.pack('>I6', absolute) or '')
		.. (later and struct.pack('>i5', later) or '') .. rest
end

-- Returns the milliseconds since the last access, and until the session expires: 0 or less if it has expired.
local function state(key, m, flags)
	local idle, grace, absolute = times(m, flags)
	if flags % 4 < 2 then
		local ttl = redis.call('PTTL', key)
		return math.max(idle + grace - ttl, 0), ttl - grace
	end
	local now = clock()
	local age = now - accessed(key, now)
	local left = DAY
	if idle > 0 then
		left = idle - age
	end
	if absolute > 0 then
		left = math.min(left, absolute - now)
	end
	return age, left
end

-- Returns the index entries: for each entry the length of the index's name, the name, the length of the value, the value.
-- A length takes one byte, or from 255 on four, the first of which is 255. For a header of another format: none.
local function entries(key, m)
	local flags = flagsof(m)
	if not flags then
		return ''
	end
	local _, _, _, _, first = times(m, flags)
	if #m >= first then
		return string.sub(m, first)
	end
	return redis.call('HGET', key, 'i') or ''
end

-- Returns the header of a live session, the milliseconds since its last access, and those until it expires; or nil, and 0
-- if there is no live session, with the header of an expired one, -1 if its format is newer, -5 if it is damaged.
local function living(key)
	local m, status = headerof(key)
	if not m then
		return nil, status
	end
	local flags
	flags, status = flagsof(m)
	if not flags then
		return nil, status
	end
	local age, left = state(key, m, flags)
	if flags % 2 == 1 or left <= 0 then
		return nil, 0, m
	end
	return m, age, left
end

-- Sets the time to live that the header requires, for a last access that many milliseconds ago.
local function live(key, idle, grace, absolute, age)
	local left = idle - age
	if absolute > 0 or idle <= 0 then
		local now = clock()
		redis.call('HSET', key, 'l', now - age)
		if absolute > 0 and (idle <= 0 or absolute - now < left) then
			left = absolute - now
		end
	end
	if idle <= 0 and absolute <= 0 then
		redis.call('PERSIST', key)
	else
		redis.call('PEXPIRE', key, math.max(left, 0) + grace)
	end
end

-- Keeps a claimed session until another node can take over its claim, but not forever: an attempt that always fails must
-- not keep it in memory.
local function keep(key, attempts, lease)
	if attempts < ATTEMPTS and redis.call('PTTL', key) < 2 * lease then
		redis.call('PEXPIRE', key, 2 * lease)
	end
end

-- Removes an ended session; or keeps it for that many milliseconds under another key, with its last access, for listeners
-- on other nodes. Redis doesn't refuse RENAME when it is out of memory, and then accepts the writes after it.
local function remove(key, kept, age, milliseconds)
	if not kept or redis.pcall('RENAME', key, kept).err then
		return redis.call('UNLINK', key)
	end
	redis.call('PEXPIRE', kept, milliseconds)
	redis.call('HSET', kept, 'l', clock() - age)
	return 1
end

-- Writes the header, and fields and values from ARGV[first] on, in steps that fit Lua's stack. The first write of a script
-- must be one that Redis refuses when it is out of memory, as this is: after any other write it accepts all of them.
local function write(key, m, first)
	redis.call('HSET', key, 'm', m, unpack(ARGV, first, math.min(first + 999, #ARGV)))
	for i = first + 1000, #ARGV, 1000 do
		redis.call('HSET', key, unpack(ARGV, i, math.min(i + 999, #ARGV)))
	end
end
