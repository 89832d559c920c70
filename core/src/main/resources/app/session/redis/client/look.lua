-- Reads the index entries of a session from the primary. A read command could be sent to a replica.
-- KEYS[1]  the session
-- result   0 no such session; -1 newer format; -5 damaged; else [its index entries]
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
