-- Tries every command that the other scripts call on a separate key, and removes the key.
-- KEYS[1]  a key that is not used otherwise
-- KEYS[2]  another key in the same slot if ended sessions are kept for listeners on other nodes; else absent
-- ARGV[1]  a channel without subscribers if sessions are locked; else ''
-- ARGV[2]  the channel on which changes are published; '' or absent if they are not
-- result   command, error, ... of the commands that Redis refused
-- cost     about twenty commands, once at the start of an application
local key = KEYS[1]
local refused = {}

local function try(...)
	local reply = redis.pcall(...)
	if type(reply) == 'table' and reply.err then
		refused[#refused + 1] = (...)
		refused[#refused + 1] = reply.err
	end
end

try('HSET', key, 'm', '1')
try('HGET', key, 'm')
try('HGETALL', key)
try('HKEYS', key)
try('HSTRLEN', key, 'm')
try('HDEL', key, 'x')
try('EXISTS', key)
try('PEXPIRE', key, 10000)
try('PTTL', key)
try('PERSIST', key)
try('TIME')
if KEYS[2] then
	try('RENAME', key, KEYS[2])
	try('UNLINK', KEYS[2])
end
try('UNLINK', key)
try('ZADD', key, 1, 'm')
try('ZSCORE', key, 'm')
try('ZCARD', key)
try('ZRANGE', key, 0, -1)
try('ZRANGEBYSCORE', key, 0, 1)
try('ZREM', key, 'm')
try('SET', key, '1', 'PX', 10000)
try('GET', key)
try('DEL', key)
if ARGV[1] ~= '' then
	try('RPUSH', key, '1')
	try('PEXPIRE', key, 10000)
	try('LLEN', key)
	try('LPOS', key, '1')
	try('LREM', key, 1, '0')
	try('LPOP', key)
	try('PUBLISH', ARGV[1], '')
end
if ARGV[2] and ARGV[2] ~= '' then
	try('PUBLISH', ARGV[2], '')
end
return refused
