-- Renews the claim on an expired session while its listeners run.
-- KEYS[1]  the session
-- ARGV[1]  the claimant
-- ARGV[2]  its lease in milliseconds
-- result   1, or 0 if the claimant no longer holds the claim
-- cost     HGET, TIME, HSET, HGET, PTTL, PEXPIRE
local key = KEYS[1]
local claim = redis.call('HGET', key, 'c')
if not claim or string.sub(claim, 7) ~= ARGV[1] then
	return 0
end
local lease = tonumber(ARGV[2])
redis.call('HSET', key, 'c', struct.pack('>I6', clock() + lease) .. ARGV[1])
keep(key, tonumber(redis.call('HGET', key, 'n')) or 0, lease)
return 1
