-- Removes an index entry whose time has passed.
-- KEYS[1]  the index of one value
-- ARGV[1]  the handle
-- result   1, or 0 when it stays
-- cost     ZSCORE, TIME, ZREM
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
local time = redis.call('TIME')
if not score or tonumber(score) > time[1] * 1000 + math.floor(time[2] / 1000) then
	return 0
end
return redis.call('ZREM', KEYS[1], ARGV[1])
