-- Reads under what a session can be found, of the primary: a command that reads may be sent to a replica.
-- KEYS[1]  the session
-- result   0 no such session; -1 a format newer than this; else [its index entries]
-- cost     HGET once or twice
local key = KEYS[1]
local m = redis.call('HGET', key, 'm')
if not m then
	return 0
end
if not flagsof(m) then
	return -1
end
return { entries(key, m) }
