-- Counts sessions, and returns how long the oldest of their expiry hints has been due.
-- KEYS     parts of the expiry hints
-- result   the number of sessions, milliseconds since the oldest hint came due (0: none is due)
-- cost     TIME, and for each part ZCARD and ZRANGE of one member
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local count, oldest = 0, now
for _, key in ipairs(KEYS) do
	-- A part whose key has another type must not hide the others.
	local size = redis.pcall('ZCARD', key)
	if type(size) == 'number' then
		count = count + size
		local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
		if first[2] then
			oldest = math.min(oldest, math.max(tonumber(first[2]), 0))
		end
	end
end
return { count, now - oldest }
