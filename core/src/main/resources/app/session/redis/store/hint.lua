-- Notes when a session can be due at the earliest.
-- KEYS[1]  a part of the expiry hints
-- ARGV[1]  the handle
-- ARGV[2]  milliseconds from now
-- ARGV[3]  the score that the hint must still have, so that a hint that was brought forward or removed meanwhile stays
--          as it is; '' to write it whatever it is
-- result   1, or 0 when the hint was changed meanwhile
-- cost     TIME, ZADD
if ARGV[3] ~= '' and redis.call('ZSCORE', KEYS[1], ARGV[1]) ~= ARGV[3] then
	return 0
end
local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2], ARGV[1])
return 1
