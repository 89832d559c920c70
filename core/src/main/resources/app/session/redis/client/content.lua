-- Reads an expired session for its claimant.
-- KEYS[1]  the session
-- ARGV[1]  the claimant
-- ARGV[2]  the age that claim.lua returned
-- result   0 if the claimant no longer holds the claim; else field, value, ..., age in milliseconds
-- cost     HGET, HGETALL
local claim = redis.call('HGET', KEYS[1], 'c')
if not claim or string.sub(claim, 7) ~= ARGV[1] then
	return 0
end
local content = redis.call('HGETALL', KEYS[1])
content[#content + 1] = tonumber(ARGV[2])
return content
