-- Removes an expired session after its expiry was published.
-- KEYS[1]  the session
-- KEYS[2]  the key that keeps its content for a while; absent if it is removed
-- ARGV[1]  the claimant
-- ARGV[2]  the age that claim.lua returned
-- ARGV[3]  how many milliseconds the content is kept
-- result   1, or 0 if the claimant no longer holds the claim
-- cost     HGET, UNLINK; if the content is kept: RENAME, PEXPIRE, TIME, HSET instead of UNLINK
local claim = redis.call('HGET', KEYS[1], 'c')
if not claim or string.sub(claim, 7) ~= ARGV[1] then
	return 0
end
return remove(KEYS[1], KEYS[2], tonumber(ARGV[2]), ARGV[3])
