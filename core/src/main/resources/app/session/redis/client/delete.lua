-- Deletes a live session. An expired session is left to the collector, which publishes its expiry.
-- KEYS[1]  the session
-- KEYS[2]  the key that keeps its content for a while; absent if it is removed
-- ARGV[1]  digest of the secret; '' if the caller has looked up the session by its handle
-- ARGV[2]  1 to return its content; 0 to return only its index entries; then the channel on which the handle is
--          published, or nothing to publish nothing
-- ARGV[3]  how many milliseconds the content is kept
-- result   0 no such session; -1 newer format; -5 damaged; else field, value, ..., age in milliseconds [, 1 if
--          Redis refused to publish]
-- cost     HGET, PTTL, HGETALL or HGET, UNLINK; if the content is kept: RENAME, PEXPIRE, TIME, HSET instead of UNLINK;
--          PUBLISH
local key = KEYS[1]
local m, age = living(key)
if not m then
	return age
end
if ARGV[1] ~= '' and ARGV[1] ~= string.sub(m, 2, 17) then
	return 0
end
local content
if string.byte(ARGV[2]) == 49 then
	content = redis.call('HGETALL', key)
else
	content = { 'm', m, 'i', entries(key, m) }
end
remove(key, KEYS[2], age, ARGV[3])
content[#content + 1] = age
-- Last, and without failing the deletion.
if #ARGV[2] > 1 and type(redis.pcall('PUBLISH', string.sub(ARGV[2], 2), string.sub(key, -17, -2))) == 'table' then
	content[#content + 1] = 1
end
return content
