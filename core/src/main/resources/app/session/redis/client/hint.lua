-- Records the earliest time at which a session can expire.
-- KEYS[1]  a part of the expiry hints
-- ARGV[1]  the handle
-- ARGV[2]  milliseconds from now
-- ARGV[3]  '' to write the hint unconditionally; '<' to bring an existing hint forward, by at least a millisecond, so
--          that a node that has read its score before doesn't move it; else the score that the hint must still have
-- result   1, or 0 if the hint is unchanged
-- cost     TIME, ZADD, and ZSCORE if ARGV[3] requires it
local time = redis.call('TIME')
local due = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2]
if ARGV[3] ~= '' then
	local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
	if ARGV[3] == '<' then
		if not score then
			return 0
		end
		due = math.min(due, score - 1)
	elseif score ~= ARGV[3] then
		return 0
	end
end
redis.call('ZADD', KEYS[1], due, ARGV[1])
return 1
