-- Reads a session of Spring Session's own repository from the primary. A read command could be sent to a replica.
-- KEYS[1]  the session
-- result   field, value, ...; empty if the key isn't a hash
-- cost     HGETALL
local content = redis.pcall('HGETALL', KEYS[1])
return content.err and string.find(content.err, 'WRONGTYPE', 1, true) and {} or content
