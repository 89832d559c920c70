-- Describes sessions without reading their attributes.
-- KEYS     the sessions
-- ARGV     fields whose values are also returned
-- result   for each session 0: no such session, -1: newer format, -5: damaged; or the number of items that follow, and
--          these: header, index entries, age in milliseconds, milliseconds until it expires, its time to live (-1:
--          none), the requested values (nil if absent or larger than 8 KB), field, bytes, ...
-- cost     for each session: HGET twice and once for each requested value, PTTL, HKEYS, and HSTRLEN for each attribute
local MOST = 8192

local function describe(key)
	local m, age, left = living(key)
	if not m then
		return age
	end
	local items = { m, entries(key, m), age, left, redis.call('PTTL', key) }
	for _, field in ipairs(ARGV) do
		items[#items + 1] = redis.call('HSTRLEN', key, field) <= MOST and redis.call('HGET', key, field)
	end
	for _, field in ipairs(redis.call('HKEYS', key)) do
		if #field > 1 or field == ':' then
			items[#items + 1] = field
			items[#items + 1] = redis.call('HSTRLEN', key, field)
		end
	end
	return items
end

local result = {}
for _, key in ipairs(KEYS) do
	-- A session that can't be read must not hide the others.
	local whole, items = pcall(describe, key)
	if not whole then
		items = -5
	end
	if type(items) == 'table' then
		result[#result + 1] = #items
		for i = 1, #items do
			result[#result + 1] = items[i]
		end
	else
		result[#result + 1] = items
	end
end
return result
