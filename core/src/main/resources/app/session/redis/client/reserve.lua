-- Reserves a place for a session in an index that is limited to a number of sessions. A reservation is an entry that is
-- added early; it is marked by a score that ends with half a millisecond, which no other entry has. It expires at the
-- time of its score unless the session's own entry has replaced it by then.
-- KEYS[1]  the index of one value
-- ARGV[1]  the handle
-- ARGV[2]  the maximum number of sessions
-- ARGV[3]  how many milliseconds the place is reserved
-- ARGV[4]  a handle whose reservation is replaced by this one, because its session was replaced; '' for none
-- result   [1] the session already has an entry; [1, score] reserved; [0, handle, score, ...] full, with the current
--          entries
-- cost     TIME, ZSCORE, ZCARD, ZADD, PTTL, PEXPIRE; if it is full also ZRANGEBYSCORE and ZRANGE
local key, handle = KEYS[1], ARGV[1]
local limit, hold = tonumber(ARGV[2]), tonumber(ARGV[3])

local function marked(score)
	return score and tonumber(score) % 1 ~= 0
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local score = now + hold + 0.5
local there = redis.call('ZSCORE', key, handle)
if there and not marked(there) then
	return { 1 }
end
-- Removed last: a cluster node that is migrating the slot no longer owns a key that a script has emptied.
local gone = {}

local function remove()
	for _, member in ipairs(gone) do
		redis.call('ZREM', key, member)
	end
end

local count = redis.call('ZCARD', key)
if there then
	-- Always a new score: the request that made the earlier reservation must not release this one.
	score = math.max(score, tonumber(there) + 1)
else
	if ARGV[4] ~= '' and marked(redis.call('ZSCORE', key, ARGV[4])) then
		gone[1] = ARGV[4]
	end
	if count - #gone >= limit then
		local passed = redis.call('ZRANGEBYSCORE', key, '-inf', now, 'WITHSCORES')
		for i = 1, #passed, 2 do
			if marked(passed[i + 1]) and passed[i] ~= ARGV[4] then
				gone[#gone + 1] = passed[i]
			end
		end
		if count - #gone >= limit then
			remove()
			local holders = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
			table.insert(holders, 1, 0)
			return holders
		end
	end
end
score = string.format('%.1f', score)
-- An index without remaining entries is treated as new.
local ttl = #gone < count and redis.call('PTTL', key) or -2
redis.call('ZADD', key, score, handle)
if ttl ~= -1 then
	redis.call('PEXPIRE', key, math.max(ttl, hold + 86400000))
end
remove()
return { 1, score }
