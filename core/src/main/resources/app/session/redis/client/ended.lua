-- Reads a session for the listeners of an event: the session itself, even if it was claimed as expired, or else the
-- content that is kept for a while after its end.
-- KEYS[1]  the session
-- KEYS[2]  the kept content
-- result   0 neither exists; -1 newer format; -5 damaged; else field, value, ..., age in milliseconds
-- cost     HGET, PTTL, HGETALL; if it has ended: HGET twice, TIME, HGET, HGETALL
local key = KEYS[1]
local m, status = headerof(key)
if not m and status == 0 then
	key = KEYS[2]
	m, status = headerof(key)
end
if not m then
	return status
end
local flags
flags, status = flagsof(m)
if not flags then
	return status
end
local age
if key == KEYS[1] then
	age = state(key, m, flags)
else
	local now = clock()
	age = now - accessed(key, now)
end
local content = redis.call('HGETALL', key)
content[#content + 1] = age
return content
