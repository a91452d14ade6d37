import type { Script } from "../../foundation/redis/index.ts";

/**
 * One atomic step over all buckets of a request, by the arithmetic of `judge` and `forced`.
 *
 * KEYS are the buckets; ARGV are "check" or "force", then for each bucket what it is charged and what it holds, in
 * microseconds. It answers with its time and with each bucket's TAT before the charge, from which `decide` comes to
 * the same verdict. The time is the server's, so that nodes with different clocks agree. A bucket that is full again
 * expires, and one that is not there is full. A TAT further ahead than a bucket can be emptied comes from a clock that
 * was set back; that bucket is empty, and no worse.
 *
 * Expiry counts in milliseconds from the last whole one, hence the one more. Numbers stay below 2^53, and are written by
 * `%.0f` since Lua would round them to 14 digits.
 */
export const gcraScript: Script = {
  text: `local force = ARGV[1] == 'force'
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local found = redis.call('MGET', unpack(KEYS))
local answer, tats, fits = { now }, {}, true
local function keep(i, tat)
  tats[i] = tat
  if tat > now then
    redis.call('SET', KEYS[i], string.format('%.0f', tat), 'PX', math.ceil((tat - now) / 1000) + 1)
  end
end
for i = 1, #KEYS do
  local cost, capacity = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  tats[i] = tonumber(found[i] or 0)
  if tats[i] > now + capacity then keep(i, now + capacity) end
  answer[i + 1] = tats[i]
  if math.max(tats[i], now) + cost - now > capacity then fits = false end
end
if fits or force then
  for i = 1, #KEYS do
    local cost, capacity = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
    local taken = math.max(tats[i], now) + cost
    if force then taken = math.min(taken, now + capacity) end
    keep(i, taken)
  end
end
return answer`,
};
