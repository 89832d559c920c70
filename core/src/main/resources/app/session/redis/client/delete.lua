-- Deletes a live session. An expired session is left to the collector, which publishes its expiry.
-- KEYS[1]  the session
-- KEYS[2]  the key that keeps its content for a while; absent if it is removed
-- ARGV[1]  digest of the secret; '' if the caller has looked up the session by its handle
-- ARGV[2]  1 to return its content; 0 to return only its index entries
-- ARGV[3]  how many milliseconds the content is kept
-- result   0 no such session; -1 newer format; -5 damaged; else field, value, ..., age in milliseconds
-- cost     HGET, PTTL, HGETALL or HGET, UNLINK; if the content is kept: RENAME, PEXPIRE, TIME, HSET instead of UNLINK
local key = KEYS[1]
local m, age = living(key)
if not m then
	return age
end
if ARGV[1] ~= '' and ARGV[1] ~= string.sub(m, 2, 17) then
	return 0
end
local content
if ARGV[2] == '1' then
	content = redis.call('HGETALL', key)
else
	content = { 'm', m, 'i', entries(key, m) }
end
remove(key, KEYS[2], age, ARGV[3])
content[#content + 1] = age
return content
