-- Checks which sessions have an index entry.
-- KEYS     the sorted set of the index entry
-- ARGV     handles
-- result   for each handle 1 if it is a member of the set, 0 if it isn't
-- cost     ZSCORE for each handle
local result = {}
for i, handle in ipairs(ARGV) do
	result[i] = redis.call('ZSCORE', KEYS[1], handle) and 1 or 0
end
return result
