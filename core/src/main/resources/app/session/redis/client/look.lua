-- Reads under what a session can be found, of the primary: a command that reads may be sent to a replica.
-- KEYS[1]  the session
-- result   0 no such session; -1 a format newer than this; -5 it is damaged; else [its index entries]
-- cost     HGET once or twice
local key = KEYS[1]
local m, status = headerof(key)
if not m then
	return status
end
local flags
flags, status = flagsof(m)
if not flags then
	return status
end
return { entries(key, m) }
