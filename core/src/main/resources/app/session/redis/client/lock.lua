-- Takes a session's lock and reads the session under it, or puts a request among those that wait for the lock. A session
-- that is not there gets no lock, so that made-up ids leave nothing behind. It may call load(keys, arguments), which is
-- load.lua.
-- KEYS[1]  the lock: a string, the token of its holder, that ends with the lease
-- KEYS[2]  who waits for it: a list of tokens, first come first
-- KEYS[3]  the session
-- ARGV[1]  the token of the request: node, colon, number, colon, handle
-- ARGV[2]  digest of the secret that the client sent; '' when the caller knows the session by its handle
-- ARGV[3]  milliseconds since the last access from which on this read counts as one; -1: never
-- ARGV[4]  the lease in milliseconds
-- ARGV[5]  how many may wait; 0: any
-- ARGV[6]  milliseconds after which the list of those who wait may go
-- ARGV[7]  1: the request has asked before; else 0
-- result   what load.lua answers: it has the lock; 1 it has the lock of a session that is gone; 0 no such session; -1 a
--          format newer than this; -2 too many wait; -5 it is damaged; -3 it has expired; [2, milliseconds that the holder's lease lasts] it waits
-- cost     GET, load.lua and SET; for one that waits HGET, PTTL, LLEN, RPUSH, PTTL and PEXPIRE
local lock, waiters, token = KEYS[1], KEYS[2], ARGV[1]
local again = ARGV[7] == '1'
local holder = redis.call('GET', lock)
if not holder or holder == token then
	local session = load({ KEYS[3] }, { ARGV[2], ARGV[3] })
	local alive = type(session) == 'table'
	if holder then
		-- It was handed over, for a moment only.
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
