-- Writes a new session. No other script creates a session.
-- KEYS[1]  the session
-- ARGV[1]  its header, with the index entries if they fit
-- ARGV[2]  milliseconds after which it ends even if it is in use; if negative, the negated time at which it ends, in
--          milliseconds since 1970; 0 if never
-- ARGV[3]  idle timeout in milliseconds from the client's second request on; '' if it is that of the header
-- ARGV[4..] field, value, ...
-- result   1 if it was written, or if this same session exists because the client has sent the command again; 0 if
--          another session with that handle exists
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
	m = header(m, flags, string.sub(m, 2, 17), idle, grace, absolute, later, string.sub(m, 39))
end
write(key, m, 4)
live(key, idle, grace, absolute, 0)
return 1
