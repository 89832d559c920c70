-- Puts a session into an index, or renews it there. The index outlives its longest member by a day.
-- KEYS[1]  the index of one value
-- ARGV[1]  the handle
-- ARGV[2]  milliseconds from now at which the session can be due
-- ARGV[3]  1 when the session never expires
-- ARGV[4]  1 to renew: an entry that was removed meanwhile stays removed
-- result   1 the session is new there, 2 it was there already, 0 it is not there
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
