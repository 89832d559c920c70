-- Releases a session's lock. The request that has waited longest has it from that moment and is notified; the others
-- need not retry.
-- KEYS[1]  the lock
-- KEYS[2]  the list of waiting requests
-- ARGV[1]  the token of the request
-- ARGV[2]  the prefix of the names of the nodes' channels
-- ARGV[3]  how many milliseconds the next request has the lock unless it takes the full lease
-- result   1 released; 2 handed over; 0 another request holds it
-- cost     GET, LPOP and DEL, or SET and PUBLISH; LREM if the request doesn't hold it
local lock, waiters, token = KEYS[1], KEYS[2], ARGV[1]
if redis.call('GET', lock) ~= token then
	redis.call('LREM', waiters, 1, token)
	return 0
end
local following = redis.call('LPOP', waiters)
if not following then
	redis.call('DEL', lock)
	return 1
end
redis.call('SET', lock, following, 'PX', ARGV[3])
redis.call('PUBLISH', ARGV[2] .. string.match(following, '^[^:]*'), following)
return 2
