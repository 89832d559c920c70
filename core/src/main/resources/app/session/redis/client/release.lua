-- Releases the collector's lease if the node holds it.
-- KEYS[1]  the lease
-- ARGV[1]  the node
-- result   1, or 0 if another node holds it
-- cost     GET, DEL
if redis.call('GET', KEYS[1]) == ARGV[1] then
	return redis.call('DEL', KEYS[1])
end
return 0
