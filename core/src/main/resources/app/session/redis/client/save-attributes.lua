-- The most frequent save: attributes alone, of a session whose time to live encodes its last access. It precedes the
-- functions of session.lua, because defining them takes Redis as long as this save. Everything else is left to save.lua,
-- which describes the keys, the arguments and the result.
-- cost     HGET, PTTL, HSET, and HDEL if attributes are removed; HGET with ARGV[7]; PUBLISH
if not KEYS[2] and ARGV[2] == '' and ARGV[3] == '' and ARGV[4] == '' and ARGV[5] == '' and ARGV[8] == '' and ARGV[10] == ''
	and ARGV[11] ~= '' and #ARGV < 1000 then
	local key, expected, seal, copy = KEYS[1], ARGV[1], ARGV[7], ARGV[12]
	local m = redis.pcall('HGET', key, 'm')
	-- 16: the present format without flags
	if type(m) == 'string' and string.byte(m) == 16 and #m >= 38 and (expected == '' or expected == string.sub(m, 2, 17))
		and (seal == '' or seal == (redis.call('HGET', key, 'a') or '-'))
		and redis.call('PTTL', key) > struct.unpack('>I4', m, 29) then
		local revision = (struct.unpack('>I6', m, 33) + struct.unpack('>I6', ARGV[11])) % 281474976710656
		local changed = string.sub(m, 1, 32) .. struct.pack('>I6', revision) .. string.sub(m, 39)
		local removed = tonumber(ARGV[13])
		redis.call('HSET', key, 'm', changed, unpack(ARGV, 14 + removed))
		if removed > 0 then
			redis.call('HDEL', key, unpack(ARGV, 14, 13 + removed))
		end
		local refused = #ARGV[11] > 6 and type(redis.pcall('PUBLISH', string.sub(ARGV[11], 7),
			string.sub(key, -17, -2) .. string.sub(changed, 33, 38))) == 'table'
		return copy == '' and not refused and 1 or { 1, '', m == copy and changed or '', refused and 1 or nil }
	end
end
