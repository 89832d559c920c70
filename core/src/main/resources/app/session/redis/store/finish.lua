-- Removes an expired session once its expiry is told.
-- KEYS[1]  the session
-- ARGV[1]  the claimant
-- result   1, or 0 when the claim is no longer the claimant's
-- cost     HGET, UNLINK
local claim = redis.call('HGET', KEYS[1], 'c')
if not claim or string.sub(claim, 7) ~= ARGV[1] then
	return 0
end
return redis.call('UNLINK', KEYS[1])
