-- Reads a session of Spring Session's own repository, of the primary: a command that reads may be sent to a replica.
-- KEYS[1]  the session
-- result   field, value, ...; nothing when it is no hash
-- cost     HGETALL
local content = redis.pcall('HGETALL', KEYS[1])
return content.err and string.find(content.err, 'WRONGTYPE', 1, true) and {} or content
