-- Tells what there is to know of a session without reading its attributes.
-- KEYS[1]  the session
-- result   0 no such session; -1 a format newer than this; else header, index entries, age in milliseconds,
--          milliseconds until it is due, its time to live (-1: none), field, bytes, ...
-- cost     HGET twice, PTTL, HKEYS, and HSTRLEN for each attribute
local key = KEYS[1]
local m, age, left = living(key)
if not m then
	return age
end
local result = { m, entries(key, m), age, left, redis.call('PTTL', key) }
for _, field in ipairs(redis.call('HKEYS', key)) do
	if #field > 1 or field == ':' then
		result[#result + 1] = field
		result[#result + 1] = redis.call('HSTRLEN', key, field)
	end
end
return result
