-- Tells whether sessions live, without reading them.
-- KEYS     the sessions
-- result   for each 1: it lives, 0: there is none that lives, -1: a format newer than this, -5: it is damaged
-- cost     for each session: HGET, PTTL; for one that keeps its last access: HGET, TIME, HGET
local result = {}
for i, key in ipairs(KEYS) do
	local m, status = living(key)
	result[i] = m and 1 or status
end
return result
