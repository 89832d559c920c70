-- Takes a session's lock and reads the session under it, or adds the request to those that wait for the lock. A session
-- that doesn't exist gets no lock, so that made-up ids leave nothing behind. The function load(keys, arguments) is
-- load.lua.
-- KEYS[1]  the lock: a string with the token of its holder, which expires with the lease
-- KEYS[2]  the list of waiting requests: their tokens, in order of arrival
-- KEYS[3]  the session
-- ARGV[1]  the token of the request: node, colon, number, colon, handle
-- ARGV[2]  digest of the secret that the client sent; '' if the caller looks up the session by its handle
-- ARGV[3]  minimum milliseconds since the last access for this read to count as an access; -1: never
-- ARGV[4]  the lease in milliseconds
-- ARGV[5]  the maximum number of waiting requests; 0 if unlimited
-- ARGV[6]  milliseconds after which the list of waiting requests may expire
-- ARGV[7]  1 if the request has tried before; else 0
-- ARGV[8]  the header of the content of which the caller has a copy; absent if it has none
-- result   the reply of load.lua if the request has the lock; 1 it has the lock of a session that is gone; 0 no such
--          session; -1 newer format; -2 too many requests wait; -5 damaged; -3 expired; [2, milliseconds until the
--          holder's lease ends] the request waits
-- cost     GET, load.lua and SET; if the request waits: HGET, PTTL, LLEN, RPUSH, PTTL and PEXPIRE
local lock, waiters, token = KEYS[1], KEYS[2], ARGV[1]
local again = ARGV[7] == '1'
local holder = redis.call('GET', lock)
if not holder or holder == token then
	local session = load({ KEYS[3] }, { ARGV[2], ARGV[3], ARGV[8] })
	local alive = type(session) == 'table'
	if holder then
		-- It was handed over with a short lease only.
		redis.call('PEXPIRE', lock, ARGV[4])
	elseif alive then
		redis.call('SET', lock, token, 'PX', ARGV[4])
	end
	if again then
		redis.call('LREM', waiters, 1, token)
	end
	return (holder and not alive) and 1 or session
end
local m, reason, past = living(KEYS[3])
local header = m or reason == 0 and past
local known = header and (ARGV[2] == '' or ARGV[2] == string.sub(header, 2, 17))
if not (m and known) then
	if again then
		redis.call('LREM', waiters, 1, token)
	end
	return m and 0 or known and -3 or reason
end
if not again or not redis.call('LPOS', waiters, token) then
	local most = tonumber(ARGV[5])
	if most > 0 and redis.call('LLEN', waiters) >= most then
		return -2
	end
	redis.call('RPUSH', waiters, token)
end
redis.call('PEXPIRE', waiters, ARGV[6])
return { 2, redis.call('PTTL', lock) }
