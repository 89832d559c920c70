-- Stops waiting for a session's lock. If the lock has just been handed over to the request, or no request holds it, the
-- request gets it.
-- KEYS[1]  the lock
-- KEYS[2]  the list of waiting requests
-- ARGV[1]  the token of the request
-- ARGV[2]  the lease in milliseconds
-- ARGV[3]  1 to take the lock from its holder; else 0
-- result   1 if the request has the lock, 2 if it took it from another request, else 0
-- cost     GET, LREM, and PEXPIRE or SET
local lock, token = KEYS[1], ARGV[1]
local holder = redis.call('GET', lock)
local result = 0
if holder == token then
	redis.call('PEXPIRE', lock, ARGV[2])
	result = 1
elseif not holder or ARGV[3] == '1' then
	redis.call('SET', lock, token, 'PX', ARGV[2])
	result = holder and 2 or 1
end
redis.call('LREM', KEYS[2], 1, token)
return result
