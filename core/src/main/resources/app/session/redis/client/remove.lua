-- Removes a dangling index entry: one whose time has passed, that is unchanged since it was found, or that is only a
-- reservation.
-- KEYS[1]  the index of one value
-- ARGV[1]  the handle
-- ARGV[2]  the score that the entry must still have; '?' for the score of any reservation, which isn't an integer; ''
--          to remove the entry if its time has passed
-- result   1, or 0 if the entry is kept
-- cost     ZSCORE, ZREM, and TIME if ARGV[2] is ''
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not score then
	return 0
end
if ARGV[2] == '?' then
	if tonumber(score) % 1 == 0 then
		return 0
	end
elseif ARGV[2] ~= '' then
	if tonumber(score) ~= tonumber(ARGV[2]) then
		return 0
	end
else
	local time = redis.call('TIME')
	if tonumber(score) > time[1] * 1000 + math.floor(time[2] / 1000) then
		return 0
	end
end
return redis.call('ZREM', KEYS[1], ARGV[1])
