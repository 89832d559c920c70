-- Returns the index entries of sessions.
-- KEYS     the sessions
-- result   for each session its index entries, or 0 if there is no live session, -1 if its format is newer, -5 if it is
--          damaged
-- cost     for each session: HGET, PTTL; if it stores its last access: HGET, TIME, HGET; if they don't fit into its header:
--          HGET
local function found(key)
	local m, status = living(key)
	return m and entries(key, m) or status
end

local result = {}
for i, key in ipairs(KEYS) do
	-- A session that can't be read must not hide the others.
	local whole, answer = pcall(found, key)
	result[i] = whole and answer or -5
end
return result
