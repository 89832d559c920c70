-- Counts the sessions, and adds the hint of a new session unless there are too many. On a single server the counts of
-- all parts are summed, so that the limit is exact; on a cluster each part only counts.
-- KEYS     parts of the expiry hints
-- ARGV[1]  the maximum number of sessions; 0 to only count
-- ARGV[2]  the handle
-- ARGV[3]  the number of the key that is the part of the handle
-- ARGV[4]  milliseconds from now at which the hint comes due if the session isn't written
-- result   [1 if the hint exists | 0 if it doesn't, the number of sessions before]
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
