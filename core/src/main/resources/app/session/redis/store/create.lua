-- Writes a new session: the only script that makes one.
-- KEYS[1]  the session
-- ARGV[1]  its header, with the index entries when they fit
-- ARGV[2]  milliseconds after which it ends however active it is; 0: never
-- ARGV[3..] field, value, ...
-- result   1, or 0 when a session of that handle is there
-- cost     EXISTS, HSET, PEXPIRE
local key, m = KEYS[1], ARGV[1]
if redis.call('EXISTS', key) == 1 then
	return 0
end
local idle, grace = times(m, 0)
local absolute = tonumber(ARGV[2])
if absolute > 0 then
	absolute = clock() + absolute
	m = string.char(8 + 2 + 4) .. string.sub(m, 2, 32) .. struct.pack('>I6', absolute) .. string.sub(m, 33)
elseif idle <= 0 then
	m = string.char(8 + 2) .. string.sub(m, 2)
end
write(key, m, 3)
live(key, idle, grace, absolute, 0)
return 1
