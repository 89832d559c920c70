-- Finds hints that have come due, oldest first.
-- KEYS[1]  a part of the expiry hints
-- ARGV[1]  the maximum number of hints
-- result   handle, score, ..., the time in milliseconds
-- cost     TIME, ZRANGEBYSCORE
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local result = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'WITHSCORES', 'LIMIT', 0, ARGV[1])
result[#result + 1] = now
return result
