-- Adds a session to an index, or renews its entry. The index outlives its longest-lived member by a day.
-- KEYS[1]  the index of one value
-- ARGV[1]  the handle
-- ARGV[2]  milliseconds from now at which the session can expire
-- ARGV[3]  1 if the session never expires
-- ARGV[4]  1 to renew: an entry that was removed meanwhile stays removed
-- result   1 the entry is new, 2 it already existed, 0 it doesn't exist
-- cost     TIME, PTTL, ZSCORE, ZADD, PEXPIRE
local key = KEYS[1]
local time = redis.call('TIME')
local score = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2]
local ttl = redis.call('PTTL', key)
local there = redis.call('ZSCORE', key, ARGV[1])
if ARGV[4] == '1' and not there then
	return 0
end
redis.call('ZADD', key, score, ARGV[1])
if ARGV[3] == '1' then
	redis.call('PERSIST', key)
elseif ttl ~= -1 then
	redis.call('PEXPIRE', key, math.max(ttl, ARGV[2] + 86400000))
end
return there and 2 or 1
