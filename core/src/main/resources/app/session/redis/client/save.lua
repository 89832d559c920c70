-- Changes a session. Never creates one: a session that is gone, expired or claimed is left as it is.
-- KEYS[1]  the session
-- KEYS[2]  its lock, if the request has taken it
-- ARGV[1]  digest of the secret with which it was loaded; '' if it was found by its handle
-- ARGV[2]  digest of its new secret; '' if the id doesn't change
-- ARGV[3]  new idle timeout in milliseconds; '' if it doesn't change
-- ARGV[4]  milliseconds since a last access to record; with the prefix '=' even if it is before the session's own; ''
--          for none
-- ARGV[5]  the indexes whose entries are replaced; '' for none
-- ARGV[6]  the new entries of these indexes
-- ARGV[7]  the seal that the session must have; '-' if it must have none; '' for any
-- ARGV[8]  the checksum that its attributes must have, because all of them are replaced; '' for any
-- ARGV[9]  with ARGV[2]: for how many milliseconds saves of requests that were loaded under the present secret are
--          accepted after this change; '' for not at all
-- ARGV[10] the digest of the previous secret, under which the request was loaded, if ARGV[1] is the present one because
--          another request has changed the id since then; '' otherwise
-- ARGV[11] six random bytes that change the revision, then the channel on which the handle and the new revision are
--          published, or nothing to publish nothing; '' if the save only records an access
-- ARGV[12] the header of the content of which the caller has a copy; '' if it has none
-- ARGV[13] the number of the following fields that are removed
-- ARGV[14] with KEYS[2] only: the token of the request, without which nothing is written
-- ARGV[14..] or [15..] those fields, then field, value, ...
-- result   1 saved; [1, index entries replaced] if ARGV[5] names indexes; [1, index entries replaced, the new header if
--          the session had that of ARGV[12], else ''] with ARGV[12]; [1, index entries replaced, '' or that header, 1] if
--          Redis refused to publish; refused: [0 gone | -7 expired, but not yet
--          removed | -1 newer format | -5 damaged | -2 its id has changed | -3 the request doesn't hold the lock | -4
--          it has another seal or checksum, all its index entries]
-- cost     HGET, PTTL, HSET and the commands that the arguments require; GET with KEYS[2]; HGET with ARGV[7]; with
--          ARGV[8] HGETALL and a SHA-1 of each attribute; TIME and HSET with ARGV[9]; HGET and TIME with ARGV[10]; PUBLISH
local function counted(text, position)
	local length = string.byte(text, position)
	if length < 255 then
		return string.sub(text, position + 1, position + length), position + 1 + length
	end
	return struct.unpack('>I3c0', text, position + 1)
end

-- Returns the end of a length-prefixed text.
local function skip(text, position)
	local length = string.byte(text, position)
	if length < 255 then
		return position + 1 + length
	end
	return position + 4 + struct.unpack('>I3', text, position + 1)
end

-- Returns the sum, modulo 2^48, of the first 48 bits of the SHA-1 of each attribute; a sum, because the order of a hash's
-- fields can change. 58 is the colon, which is prefixed only to names that need it.
local function checksum(key)
	local content, sum = redis.call('HGETALL', key), 0
	for i = 1, #content, 2 do
		local field = content[i]
		local first, second = string.byte(field, 1, 2)
		if first == 58 and (#field <= 2 or second == 58) or first ~= 58 and #field > 1 then
			local digest = redis.sha1hex(field .. ':' .. content[i + 1])
			sum = (sum + tonumber(string.sub(digest, 1, 12), 16)) % 281474976710656
		end
	end
	return string.format('%.0f', sum)
end

local key = KEYS[1]
local m, age, expired = living(key)
local present = ''
if ARGV[5] ~= '' then
	present = age ~= -5 and entries(key, m or redis.call('HGET', key, 'm') or '') or ''
end
if not m then
	return { expired and -7 or age, present }
end
if ARGV[1] ~= '' and ARGV[1] ~= string.sub(m, 2, 17) then
	if ARGV[2] == string.sub(m, 2, 17) then
		-- The client has sent the command again: no one else knows the new secret.
		return { 1, '', '' }
	end
	return { -2, present }
end
if ARGV[10] ~= '' then
	local previous = redis.call('HGET', key, 'o') or ''
	if #previous ~= 22 or string.sub(previous, 1, 16) ~= ARGV[10] or struct.unpack('>I6', previous, 17) <= clock() then
		return { -2, present }
	end
end
local fields = 14
if KEYS[2] then
	if redis.call('GET', KEYS[2]) ~= ARGV[14] then
		return { -3, present }
	end
	fields = 15
end
if ARGV[7] ~= '' and ARGV[7] ~= (redis.call('HGET', key, 'a') or '-') then
	return { -4, present }
end
if ARGV[8] ~= '' and ARGV[8] ~= checksum(key) then
	return { -4, present }
end
local flags = flagsof(m)
local digest = ARGV[2] ~= '' and ARGV[2] or string.sub(m, 2, 17)
local idle, grace, absolute, later, first = times(m, flags)
local lifetime = ARGV[3] ~= '' or ARGV[4] ~= ''
if ARGV[3] ~= '' then
	if later then
		later = tonumber(ARGV[3])
	else
		idle = tonumber(ARGV[3])
	end
end
if ARGV[4] ~= '' then
	local exact = string.match(ARGV[4], '^=(%d+)$')
	age = exact and tonumber(exact) or math.min(age, math.max(tonumber(ARGV[4]), 0))
	idle, later = later or idle, nil
end
if lifetime then
	flags = (absolute > 0 and 6 or idle <= 0 and 2 or 0) + (later and 8 or 0)
end
-- Another request may have changed other indexes since this one read the session, so their entries are kept.
local replaced, fitting, long = '', string.sub(m, first)
if ARGV[5] ~= '' then
	local indexes, position = {}, 1
	while position <= #ARGV[5] do
		local name
		name, position = counted(ARGV[5], position)
		indexes[name] = true
	end
	-- Collected in tables, because a string that grows entry by entry would be copied each time.
	local kept, removed = {}, {}
	position = 1
	while position <= #present do
		local name, middle = counted(present, position)
		local after = skip(present, middle)
		local into = indexes[name] and removed or kept
		into[#into + 1] = string.sub(present, position, after - 1)
		position = after
	end
	replaced = table.concat(removed)
	kept[#kept + 1] = ARGV[6]
	fitting = table.concat(kept)
	if first - 1 + #fitting > 64 then
		fitting, long = '', fitting
	end
end
local removed, unchanged = tonumber(ARGV[13]), m == ARGV[12]
if ARGV[11] ~= '' then
	-- A sum, so that the same save on top of different content results in different revisions: after a failover that has
	-- lost a save, the client may send the next one again.
	local revision = (struct.unpack('>I6', m, 33) + struct.unpack('>I6', ARGV[11])) % 281474976710656
	m = string.sub(m, 1, 32) .. struct.pack('>I6', revision) .. string.sub(m, 39)
end
local changed = header(m, flags, digest, idle, grace, absolute, later, fitting)
write(key, changed, fields + removed)
if flags % 4 < 2 and ARGV[3] ~= '' then
	redis.call('HDEL', key, 'l')
end
if long then
	redis.call('HSET', key, 'i', long)
elseif ARGV[5] ~= '' then
	redis.call('HDEL', key, 'i')
end
for i = fields, fields + removed - 1, 1000 do
	redis.call('HDEL', key, unpack(ARGV, i, math.min(i + 999, fields + removed - 1)))
end
if ARGV[9] ~= '' then
	redis.call('HSET', key, 'o', string.sub(m, 2, 17) .. struct.pack('>I6', clock() + tonumber(ARGV[9])))
end
if lifetime then
	live(key, idle, grace, absolute, age)
end
-- Last, and without failing the save, which is applied.
local refused = #ARGV[11] > 6
	and type(redis.pcall('PUBLISH', string.sub(ARGV[11], 7), string.sub(key, -17, -2) .. string.sub(changed, 33, 38))) == 'table'
if ARGV[12] ~= '' or refused then
	return { 1, replaced, ARGV[12] ~= '' and unchanged and changed or '', refused and 1 or nil }
end
return ARGV[5] == '' and 1 or { 1, replaced }
