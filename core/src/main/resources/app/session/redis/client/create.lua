-- Writes a new session: the only script that makes one.
-- KEYS[1]  the session
-- ARGV[1]  its header, with the index entries when they fit
-- ARGV[2]  milliseconds after which it ends however active it is; below 0: the negated time at which it does, in
--          milliseconds since 1970; 0: never
-- ARGV[3]  idle timeout in milliseconds from the second request of its client on; '' when that of the header stays
-- ARGV[4..] field, value, ...
-- result   1, also when this very session is there, because the client has sent the command again; 0 when another session of
--          that handle is there
-- cost     EXISTS, HSET, PEXPIRE
local key, m = KEYS[1], ARGV[1]
if redis.call('EXISTS', key) == 1 then
	local there = headerof(key)
	return there and string.sub(there, 2, 17) == string.sub(m, 2, 17) and 1 or 0
end
local idle, grace = times(m, 0)
local absolute, later, flags = tonumber(ARGV[2]), tonumber(ARGV[3]), 0
if absolute ~= 0 then
	absolute = absolute > 0 and clock() + absolute or -absolute
	flags = 2 + 4
elseif idle <= 0 then
	flags = 2
end
if later then
	flags = flags + 8
end
if flags > 0 then
	m = header(m, flags, string.sub(m, 2, 17), idle, grace, absolute, later, string.sub(m, 33))
end
write(key, m, 4)
live(key, idle, grace, absolute, 0)
return 1
