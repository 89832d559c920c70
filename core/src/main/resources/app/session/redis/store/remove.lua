-- Removes a hint unless it was renewed meanwhile.
-- KEYS[1]  a part of the expiry hints, or the index of one value
-- ARGV[1]  the handle
-- ARGV[2]  the highest score at which it is removed; '' for the time now
-- result   1, or 0 when it stays
-- cost     ZSCORE, ZREM
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not score then
	return 0
end
local limit = ARGV[2]
if limit == '' then
	local time = redis.call('TIME')
	limit = time[1] * 1000 + math.floor(time[2] / 1000)
end
if tonumber(score) > tonumber(limit) then
	return 0
end
return redis.call('ZREM', KEYS[1], ARGV[1])
