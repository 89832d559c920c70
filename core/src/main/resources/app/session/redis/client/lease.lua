-- Acquires or renews the collector's lease.
-- KEYS[1]  the lease
-- ARGV[1]  the node
-- ARGV[2]  milliseconds
-- result   1 if the node holds the lease, else 0
-- cost     GET, and SET or PEXPIRE
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then
	return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
