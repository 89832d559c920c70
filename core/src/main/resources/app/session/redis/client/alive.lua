-- Checks whether sessions are alive, without reading them.
-- KEYS     the sessions
-- result   for each session 1 if it is alive, 0 if it isn't, -1 if its format is newer, -5 if it is damaged
-- cost     for each session: HGET, PTTL; if it stores its last access: HGET, TIME, HGET
local result = {}
for i, key in ipairs(KEYS) do
	local m, status = living(key)
	result[i] = m and 1 or status
end
return result
