-- Renews the lease of a session's lock.
-- KEYS[1]  the lock
-- ARGV[1]  the token of the request
-- ARGV[2]  the lease in milliseconds
-- result   1, or 0 if the request no longer holds the lock
-- cost     GET, PEXPIRE
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
	return 0
end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
