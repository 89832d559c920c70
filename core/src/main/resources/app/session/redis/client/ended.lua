-- Reads a session for the listeners of an event: the session, also after it was claimed as expired, or else what is kept of it
-- for a while after its end.
-- KEYS[1]  the session
-- KEYS[2]  what is kept of it
-- result   0 neither is there; -1 a format newer than this; -5 it is damaged; else field, value, ..., age in milliseconds
-- cost     HGET, PTTL, HGETALL; for one that has ended HGET twice, TIME, HGET, HGETALL
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
