-- Gives a session's lock up. Who has waited longest has it from that moment, and is told so: nobody else need ask.
-- KEYS[1]  the lock
-- KEYS[2]  who waits for it
-- ARGV[1]  the token of the request
-- ARGV[2]  what the names of the channels of nodes begin with
-- ARGV[3]  for how many milliseconds the next one has the lock unless it takes it up
-- result   1 given up; 2 handed over; 0 another holds it
-- cost     GET, LPOP and DEL, or SET and PUBLISH; LREM when it doesn't hold it
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
