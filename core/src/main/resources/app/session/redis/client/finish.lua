-- Removes an expired session once its expiry is told.
-- KEYS[1]  the session
-- KEYS[2]  where it is kept for a while; absent: it is removed
-- ARGV[1]  the claimant
-- ARGV[2]  the age that claim.lua has told
-- ARGV[3]  for how many milliseconds it is kept
-- result   1, or 0 when the claim is no longer the claimant's
-- cost     HGET, UNLINK; where it is kept RENAME, PEXPIRE, TIME, HSET instead of UNLINK
local claim = redis.call('HGET', KEYS[1], 'c')
if not claim or string.sub(claim, 7) ~= ARGV[1] then
	return 0
end
return remove(KEYS[1], KEYS[2], tonumber(ARGV[2]), ARGV[3])
