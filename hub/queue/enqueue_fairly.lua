-- Start-time fair queueing between accounts, in one step (Goyal, Vin, Cheng, SIGCOMM 1996).
-- A job's start tag is its score: the later of the virtual clock and its account's last finish tag.
-- An account that has been idle starts at the clock, so waiting earns no credit and one job is next in line.
-- A job that left the queue unspoken (its account had enough running) comes back to the turn it has paid for.
-- KEYS: queue, payload, clock, tags, turn
-- ARGV: job id, payload, account, cost, payload's life in ms, turn's life in ms
if redis.call('EXISTS', KEYS[2]) == 1 and redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  return 0
end
local start = tonumber(redis.call('GET', KEYS[5]) or nil)
if not start then
  -- ARQ takes a score of 0 for "no such job": virtual time begins above it.
  local clock = tonumber(redis.call('GET', KEYS[3]) or '1000')
  local finish = tonumber(redis.call('ZSCORE', KEYS[4], ARGV[3]) or '0')
  start = math.max(clock, finish)
  redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', clock)
  redis.call('ZADD', KEYS[4], string.format('%.0f', start + ARGV[4]), ARGV[3])
end
redis.call('PSETEX', KEYS[5], ARGV[6], string.format('%.0f', start))
redis.call('PSETEX', KEYS[2], ARGV[5], ARGV[2])
redis.call('ZADD', KEYS[1], string.format('%.0f', start), ARGV[1])
return 1
