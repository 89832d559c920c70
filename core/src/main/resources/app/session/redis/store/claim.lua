-- Asks a session whose hint has come due whether it has expired, and if so, claims it: from here on it is expired for
-- all, and only the claimant tells so, until its lease ends.
-- KEYS[1]  the session
-- ARGV[1]  the claimant
-- ARGV[2]  its lease in milliseconds
-- result   [0] gone; [-1] a format newer than this; [-5] it is damaged; [2, milliseconds until due, idle timeout, index entries] alive;
--          [3, milliseconds] another's claim ends in; claimed: field, value, ..., age in milliseconds
-- cost     HGET, PTTL, HGET; for an expired one HSET, PEXPIRE and HGETALL
local key = KEYS[1]
local m, status = headerof(key)
if not m then
	return { status }
end
local flags
flags, status = flagsof(m)
if not flags then
	return { status }
end
local age, left = state(key, m, flags)
local now, lease = clock(), tonumber(ARGV[2])
if flags % 2 == 1 then
	local claim = redis.call('HGET', key, 'c')
	if claim and #claim > 6 and string.sub(claim, 7) ~= ARGV[1] then
		local deadline = struct.unpack('>I6', claim)
		if deadline > now then
			return { 3, math.min(deadline - now, DAY) }
		end
	end
elseif left > 0 then
	return { 2, left, (times(m, flags)), entries(key, m) }
else
	m = string.char(FORMAT + flags + 1) .. string.sub(m, 2)
end
redis.call('HSET', key, 'm', m, 'c', struct.pack('>I6', now + lease) .. ARGV[1])
if redis.call('PTTL', key) < 2 * lease then
	redis.call('PEXPIRE', key, 2 * lease)
end
local content = redis.call('HGETALL', key)
content[#content + 1] = age
return content
