-- What the scripts on a session share; it is put in front of each of them but load.lua, which is too hot for calls.
--
-- A session is one hash. Its field 'm' is the header, in network byte order:
--   1      format version, 1
--   2      flags: 1 claimed as expired, 2 last access is kept in field 'l' because the time to live can't tell it
--   3-18   digest of the secret of its id: the first half of its SHA-256
--   19-24  when it was created, in milliseconds since 1970
--   25-30  idle timeout in milliseconds, 0 or less: never
--   31-34  grace in milliseconds: how long its content outlives it
--   35-40  absolute deadline in milliseconds since 1970, 0: none
--   41-44  revision, one more with every save
--   45-64  index entries, when they fit: no value of a small session may be longer than 64 bytes, or Redis leaves its compact
--          encoding of small hashes
-- Further fields: 'i' index entries that don't fit, 'l' last access, 'c' the claim, 's' the secret where ids are not
-- protected, and one field per attribute, whose name begins with a colon.
local DAY = 86400000

local function clock()
	local time = redis.call('TIME')
	return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Milliseconds since the last access, and milliseconds until the session is due: 0 or less means that it has expired.
local function state(key, m, flags)
	local idle, grace, absolute = struct.unpack('>i6I4I6', m, 25)
	if flags % 4 < 2 then
		local ttl = redis.call('PTTL', key)
		return math.max(idle + grace - ttl, 0), ttl - grace
	end
	local now = clock()
	local age = math.max(now - (tonumber(redis.call('HGET', key, 'l')) or now), 0)
	local left = DAY
	if idle > 0 then
		left = idle - age
	end
	if absolute > 0 then
		left = math.min(left, absolute - now)
	end
	return age, left
end

-- Under what the session can be found: for each entry the length of the index's name in 2 bytes, the name, the length of
-- the value in 3 bytes, the value.
local function entries(key, m)
	if #m > 44 then
		return string.sub(m, 45)
	end
	return redis.call('HGET', key, 'i') or ''
end

-- The header of a living session, the milliseconds since its last access, and those until it is due; or nil, and 0 where
-- there is none that lives, -1 where its format is newer than this.
local function living(key)
	local m = redis.call('HGET', key, 'm')
	if not m then
		return nil, 0
	end
	local version, flags = string.byte(m, 1, 2)
	if version ~= 1 then
		return nil, -1
	end
	local age, left = state(key, m, flags)
	if flags % 2 == 1 or left <= 0 then
		return nil, 0
	end
	return m, age, left
end

-- Gives the session the time to live that its header asks for, as of a last access that many milliseconds ago.
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

-- Writes the header, and fields and values from ARGV[first] on, in steps that fit Lua's stack. The first write of a script
-- must be one that Redis refuses when it has no memory, as this is: after any other it lets all of them pass.
local function write(key, m, first)
	redis.call('HSET', key, 'm', m, unpack(ARGV, first, math.min(first + 999, #ARGV)))
	for i = first + 1000, #ARGV, 1000 do
		redis.call('HSET', key, unpack(ARGV, i, math.min(i + 999, #ARGV)))
	end
end
