-- Counts the sessions, and notes that there will be one more unless there are too many: with the sum of all parts on one
-- server, which makes it exact; on a cluster each part only counts.
-- KEYS     parts of the expiry hints
-- ARGV[1]  how many sessions there may be; 0 to count only
-- ARGV[2]  the handle
-- ARGV[3]  which of the keys is the part of the handle
-- ARGV[4]  milliseconds from now at which the hint comes due when the session isn't written
-- result   [1 the hint is there | 0 it isn't, how many there were]
-- cost     ZCARD for each key; TIME, ZSCORE, ZADD
local limit = tonumber(ARGV[1])
local count = 0
for _, key in ipairs(KEYS) do
	count = count + redis.call('ZCARD', key)
end
if limit == 0 then
	return { 0, count }
end
local part = KEYS[tonumber(ARGV[3])]
if redis.call('ZSCORE', part, ARGV[2]) then
	return { 1, count }
end
if count >= limit then
	return { 0, count }
end
local time = redis.call('TIME')
redis.call('ZADD', part, time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[4], ARGV[2])
return { 1, count }
