-- Changes a session. It never makes one: a session that is gone, expired or claimed stays so.
-- KEYS[1]  the session
-- ARGV[1]  SHA-256 of the secret under which it was loaded; '' when it was found by its handle
-- ARGV[2]  SHA-256 of its new secret; '' when the id stays
-- ARGV[3]  new idle timeout in milliseconds; '' when it stays
-- ARGV[4]  milliseconds since a last access to take down; '' for none
-- ARGV[5]  its index entries from now on; '-' when they stay
-- ARGV[6]  how many of the following fields are removed
-- ARGV[7..] those fields, then field, value, ...
-- result   1 saved; [1, index entries before, the time in milliseconds] when ARGV[5] changed them; refused: [0 gone | -1 newer format |
--          -2 its id was changed meanwhile, index entries now]
-- cost     HGET, PTTL, HSET and what the arguments ask for
local key = KEYS[1]
local m = redis.call('HGET', key, 'm')
if not m then
	return { 0, '' }
end
local version, flags = string.byte(m, 1, 2)
if version ~= 1 then
	return { -1, '' }
end
local entries = ''
if ARGV[5] ~= '-' then
	entries = redis.call('HGET', key, 'i') or ''
end
local age, left = state(key, m, flags)
if flags % 2 == 1 or left <= 0 then
	return { 0, entries }
end
if ARGV[1] ~= '' and ARGV[1] ~= string.sub(m, 3, 34) then
	return { -2, entries }
end
local digest = ARGV[2] ~= '' and ARGV[2] or string.sub(m, 3, 34)
local idle, grace, absolute, revision = struct.unpack('>i6I4I6I4', m, 41)
local lifetime = ARGV[3] ~= '' or ARGV[4] ~= ''
if ARGV[3] ~= '' then
	idle = tonumber(ARGV[3])
	if absolute == 0 then
		if idle <= 0 then
			flags = 2
		elseif flags == 2 then
			flags = 0
			redis.call('HDEL', key, 'l')
		end
	end
end
if ARGV[4] ~= '' then
	age = math.min(age, math.max(tonumber(ARGV[4]), 0))
end
m = string.sub(m, 1, 1) .. string.char(flags) .. digest .. string.sub(m, 35, 40)
	.. struct.pack('>i6I4I6I4', idle, grace, absolute, (revision + 1) % 4294967296)
redis.call('HSET', key, 'm', m)
local removed = tonumber(ARGV[6])
for i = 7, 6 + removed do
	redis.call('HDEL', key, ARGV[i])
end
write(key, 7 + removed)
if lifetime then
	live(key, idle, grace, absolute, age)
end
if ARGV[5] == '-' then
	return 1
end
if ARGV[5] == '' then
	redis.call('HDEL', key, 'i')
else
	redis.call('HSET', key, 'i', ARGV[5])
end
return { 1, entries, clock() }
