-- Reads the data from which the id of a session that was taken over from another repository is computed, together with
-- its id there.
-- KEYS[1]  the session
-- result   0 if there is none, or if the time is over; else [the salt and the time until which it is valid, in 22
--          bytes]
-- cost     HGET, TIME
local p = redis.call('HGET', KEYS[1], 'p')
if not p or #p < 22 then
	return 0
end
local time = redis.call('TIME')
if time[1] * 1000 + math.floor(time[2] / 1000) >= struct.unpack('>I6', p, 17) then
	return 0
end
return { string.sub(p, 1, 22) }
