-- Notes when a session can be due at the earliest.
-- KEYS[1]  a part of the expiry hints
-- ARGV[1]  the handle
-- ARGV[2]  milliseconds from now
-- ARGV[3]  '' to write it whatever it is; '<' to bring forward one that is there, by a millisecond at least, so that
--          whoever has read its score before doesn't move it; else the score that the hint must still have
-- result   1, or 0 when the hint stays
-- cost     TIME, ZADD, and ZSCORE where ARGV[3] asks for it
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
