-- Deletes a living session. One that has expired is left to the collector, which tells its expiry.
-- KEYS[1]  the session
-- KEYS[2]  where it is kept for a while; absent: it is removed
-- ARGV[1]  digest of the secret that names it; '' when the caller knows the session by its handle
-- ARGV[2]  1: answer its content; 0: only its index entries
-- ARGV[3]  for how many milliseconds it is kept
-- result   0 no such session; -1 a format newer than this; -5 it is damaged; else field, value, ..., age in milliseconds
-- cost     HGET, PTTL, HGETALL or HGET, UNLINK; where it is kept RENAME, PEXPIRE, TIME, HSET instead of UNLINK
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
