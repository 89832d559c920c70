-- Changes a session. It never makes one: a session that is gone, expired or claimed stays so.
-- KEYS[1]  the session
-- ARGV[1]  SHA-256 of the secret under which it was loaded; '' when it was found by its handle
-- ARGV[2]  SHA-256 of its new secret; '' when the id stays
-- ARGV[3]  new idle timeout in milliseconds; '' when it stays
-- ARGV[4]  milliseconds since a last access to take down; '' for none
-- ARGV[5]  the indexes whose entries are replaced; '' when all stay
-- ARGV[6]  the entries that replace them
-- ARGV[7]  how many of the following fields are removed
-- ARGV[8..] those fields, then field, value, ...
-- result   1 saved; [1, index entries replaced] when ARGV[5] names indexes; refused: [0 gone | -1 newer format | -2 its id
--          was changed meanwhile, all index entries that it has]
-- cost     HGET, PTTL, HSET and what the arguments ask for
local key = KEYS[1]
local m, age = living(key)
local entries = ''
if ARGV[5] ~= '' then
	entries = redis.call('HGET', key, 'i') or ''
end
if not m then
	return { age, entries }
end
if ARGV[1] ~= '' and ARGV[1] ~= string.sub(m, 3, 34) then
	return { -2, entries }
end
local flags = string.byte(m, 2)
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
local removed = tonumber(ARGV[7])
for i = 8, 7 + removed do
	redis.call('HDEL', key, ARGV[i])
end
write(key, 8 + removed)
if lifetime then
	live(key, idle, grace, absolute, age)
end
if ARGV[5] == '' then
	return 1
end
-- Another request may have changed other indexes since this one read the session: their entries stay.
local indexes, position = {}, 1
while position <= #ARGV[5] do
	local name
	name, position = struct.unpack('>I4c0', ARGV[5], position)
	indexes[name] = true
end
local kept, replaced = {}, {}
position = 1
while position <= #entries do
	local name, value, following
	name, value, following = struct.unpack('>I4c0I4c0', entries, position)
	local list = indexes[name] and replaced or kept
	list[#list + 1] = string.sub(entries, position, following - 1)
	position = following
end
entries = table.concat(kept) .. ARGV[6]
if entries == '' then
	redis.call('HDEL', key, 'i')
else
	redis.call('HSET', key, 'i', entries)
end
return { 1, table.concat(replaced) }
