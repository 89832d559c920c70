-- Checks whether a session whose hint has come due has expired, and if so, claims it. From then on the session counts
-- as expired, and only the claimant publishes its expiry, until its lease ends. Returns no attributes, because those of
-- many sessions together can be too large for one reply.
-- KEYS[1]  the session
-- ARGV[1]  the claimant
-- ARGV[2]  its lease in milliseconds
-- ARGV[3]  1 to return the size of the attributes; 0 if it is not needed
-- result   [0] gone; [-1] newer format; [-5] damaged; [2, milliseconds until it expires, idle timeout, index entries]
--          alive; [3, milliseconds] claimed by another node, until the claim ends; if it was claimed: field, value, ...
--          of all fields that describe the session except attributes, its age in milliseconds, the bytes of its
--          attributes
-- cost     HGET, PTTL, HGET; if it has expired: HSET, PEXPIRE, three times HGET, and with ARGV[3] HKEYS and HSTRLEN for
--          each attribute
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
local attempts = 0
if flags % 2 == 1 then
	local claim = redis.call('HGET', key, 'c')
	if claim and #claim > 6 and string.sub(claim, 7) ~= ARGV[1] then
		local deadline = struct.unpack('>I6', claim)
		if deadline > now then
			return { 3, math.min(deadline - now, DAY) }
		end
	end
	attempts = (tonumber(redis.call('HGET', key, 'n')) or 0) + 1
elseif left > 0 then
	return { 2, left, (times(m, flags)), entries(key, m) }
else
	m = string.char(FORMAT + flags + 1) .. string.sub(m, 2)
end
redis.call('HSET', key, 'm', m, 'c', struct.pack('>I6', now + lease) .. ARGV[1])
if attempts > 0 then
	redis.call('HSET', key, 'n', attempts)
end
keep(key, attempts, lease)
local result = { 'm', m, 'i', entries(key, m) }
for _, field in ipairs({ 'a', 's' }) do
	local value = redis.call('HGET', key, field)
	if value then
		result[#result + 1] = field
		result[#result + 1] = value
	end
end
local bytes = 0
if ARGV[3] == '1' then
	for _, field in ipairs(redis.call('HKEYS', key)) do
		bytes = bytes + #field + redis.call('HSTRLEN', key, field)
	end
end
result[#result + 1] = age
result[#result + 1] = bytes
return result
