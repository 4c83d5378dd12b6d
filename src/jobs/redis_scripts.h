#pragma once
#include <string>

/// The Lua scripts of RedisBoard. Keys: atelier:job:ID is "the job", atelier:jobs "the stream". A job's fields:
/// message, state (waiting, running, over), owner (who holds it), entry (in the stream), attempts, server, cancel, end.
namespace atelier::jobs::scripts {

/// What each script begins with. Redis keeps a job that nobody asks for during a week.
inline const std::string kCommon = R"lua(
local kept_seconds = 604800
local function ensure_group(stream)
  redis.pcall('XGROUP', 'CREATE', stream, 'workers', 0, 'MKSTREAM')
end
local function tell(server, kind, id, text)
  if not server or server == '' then return end
  local events = 'atelier:events:' .. server
  redis.call('XADD', events, 'MAXLEN', '~', 5000, '*', 'kind', kind, 'job', id, 'text', text)
  redis.call('EXPIRE', events, 86400)
end
local function drop(stream, entry)
  if not entry then return end
  redis.pcall('XACK', stream, 'workers', entry)
  redis.call('XDEL', stream, entry)
end
local function finish(job, stream, id, text)
  local kept = redis.call('HMGET', job, 'entry', 'server')
  drop(stream, kept[1])
  redis.call('HSET', job, 'state', 'over', 'end', text)
  redis.call('HDEL', job, 'message')
  redis.call('EXPIRE', job, kept_seconds)
  tell(kept[2], 'end', id, text)
end
local function hold(job, stream, owner, entry)
  redis.call('XCLAIM', stream, 'workers', owner, 0, entry, 'FORCE', 'JUSTID')
end
local function begin(stream, id, entry, owner, most, text)
  local job = 'atelier:job:' .. id
  local kept = redis.call('HMGET', job, 'state', 'entry', 'attempts', 'cancel', 'message')
  if not kept[1] or kept[1] == 'over' or kept[2] ~= entry then
    drop(stream, entry)
    return {}
  end
  if kept[4] or tonumber(kept[3]) >= tonumber(most) then
    finish(job, stream, id, kept[4] or text)
    return {}
  end
  redis.call('HSET', job, 'state', 'running', 'owner', owner)
  return {id, kept[5], redis.call('HINCRBY', job, 'attempts', 1)}
end
)lua";

/// KEYS the job, the stream; ARGV id, server, message (empty: do not hang it up). Answers state, end.
inline const std::string kPost = kCommon + R"lua(
local state = redis.call('HGET', KEYS[1], 'state')
if not state then
  if ARGV[3] == '' then return {'', ''} end
  local entry = redis.call('XADD', KEYS[2], '*', 'job', ARGV[1])
  redis.call('HSET', KEYS[1], 'message', ARGV[3], 'state', 'waiting', 'entry', entry, 'attempts', 0)
  state = 'waiting'
end
redis.call('HSET', KEYS[1], 'server', ARGV[2])
redis.call('EXPIRE', KEYS[1], kept_seconds)
return {state, redis.call('HGET', KEYS[1], 'end') or ''}
)lua";

/// KEYS the job, the stream; ARGV id, end. `cancel` holds the end for when the holder dies. Answers 1 when there is
/// one.
inline const std::string kCancel = kCommon + R"lua(
local state = redis.call('HGET', KEYS[1], 'state')
if state == 'waiting' then finish(KEYS[1], KEYS[2], ARGV[1], ARGV[2]) end
if state ~= 'running' then return 0 end
redis.call('HSET', KEYS[1], 'cancel', ARGV[2])
return 1
)lua";

/// KEYS the job, the stream, further keys of the job.
inline const std::string kForget = kCommon + R"lua(
drop(KEYS[2], redis.call('HGET', KEYS[1], 'entry'))
redis.call('DEL', KEYS[1], unpack(KEYS, 3))
)lua";

/// KEYS the stream.
inline const std::string kEnsureGroup = kCommon + "ensure_group(KEYS[1])";

/// KEYS the stream, the job; ARGV id, entry, worker, most attempts, end of a job begun that often. Answers id, message,
/// attempts, or an empty list. An entry that is new in the stream but held already is one that its worker has restored
/// after Redis had lost it.
inline const std::string kBegin = kCommon + R"lua(
local kept = redis.call('HMGET', KEYS[2], 'state', 'entry', 'owner')
if kept[1] == 'running' and kept[2] == ARGV[2] then
  hold(KEYS[2], KEYS[1], kept[3], ARGV[2])
  return {}
end
return begin(KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5])
)lua";

/// KEYS the stream; ARGV worker, lease in ms, most attempts, end of a job begun that often. Answers as kBegin. A dead
/// worker is forgotten with its last job.
inline const std::string kTakeOver = kCommon + R"lua(
ensure_group(KEYS[1])
local idle = redis.call('XPENDING', KEYS[1], 'workers', 'IDLE', ARGV[2], '-', '+', 1)
if #idle == 0 then return {} end
local entry, dead = idle[1][1], idle[1][2]
local claimed = redis.call('XCLAIM', KEYS[1], 'workers', ARGV[1], ARGV[2], entry)
if dead ~= ARGV[1] and #redis.call('XPENDING', KEYS[1], 'workers', '-', '+', 1, dead) == 0 then
  redis.call('XGROUP', 'DELCONSUMER', KEYS[1], 'workers', dead)
end
if #claimed == 0 or not claimed[1] then
  redis.call('XACK', KEYS[1], 'workers', entry)
  return {}
end
return begin(KEYS[1], claimed[1][2][2], entry, ARGV[1], ARGV[3], ARGV[4])
)lua";

/// KEYS the job, the stream; ARGV id, worker, message, attempts. Answers go on, cancelled or lost. When Redis has
/// lost the job it is restored as this worker's; when the server has hung it up again, it is taken before others do.
inline const std::string kRenew = kCommon + R"lua(
ensure_group(KEYS[2])
local kept = redis.call('HMGET', KEYS[1], 'state', 'owner', 'entry', 'cancel')
if kept[1] == 'over' or (kept[1] == 'running' and kept[2] ~= ARGV[2]) then return 'lost' end
local entry = kept[3] or redis.call('XADD', KEYS[2], '*', 'job', ARGV[1])
if kept[1] ~= 'running' then
  redis.call('HSET', KEYS[1], 'message', ARGV[3], 'state', 'running', 'owner', ARGV[2], 'entry', entry,
             'attempts', ARGV[4])
end
redis.call('EXPIRE', KEYS[1], kept_seconds)
hold(KEYS[1], KEYS[2], ARGV[2], entry)
return kept[4] and 'cancelled' or 'go on'
)lua";

/// KEYS the job, the preview; ARGV id, worker, kind, text, preview (may be empty). Answers as kRenew.
inline const std::string kTell = kCommon + R"lua(
local kept = redis.call('HMGET', KEYS[1], 'state', 'owner', 'server', 'cancel')
if not kept[1] or kept[1] == 'waiting' then return 'go on' end
if kept[1] == 'over' or kept[2] ~= ARGV[2] then return 'lost' end
if ARGV[5] ~= '' then redis.call('SET', KEYS[2], ARGV[5], 'EX', 3600) end
tell(kept[3], ARGV[3], ARGV[1], ARGV[4])
return kept[4] and 'cancelled' or 'go on'
)lua";

/// KEYS the job, the stream; ARGV id, worker, end. Answers 1, or 0 when the job is another's or over. What Redis has
/// lost is kept as over, for the server that will ask.
inline const std::string kFinish = kCommon + R"lua(
local kept = redis.call('HMGET', KEYS[1], 'state', 'owner')
if kept[1] == 'over' or (kept[1] == 'running' and kept[2] ~= ARGV[2]) then return 0 end
finish(KEYS[1], KEYS[2], ARGV[1], ARGV[3])
return 1
)lua";

/// KEYS the job, the stream; ARGV id, worker.
inline const std::string kGiveBack = kCommon + R"lua(
local kept = redis.call('HMGET', KEYS[1], 'state', 'owner', 'entry', 'cancel')
if kept[1] ~= 'running' or kept[2] ~= ARGV[2] then return end
if kept[4] then return finish(KEYS[1], KEYS[2], ARGV[1], kept[4]) end
drop(KEYS[2], kept[3])
local entry = redis.call('XADD', KEYS[2], '*', 'job', ARGV[1])
redis.call('HSET', KEYS[1], 'state', 'waiting', 'entry', entry)
redis.call('HDEL', KEYS[1], 'owner')
redis.call('HINCRBY', KEYS[1], 'attempts', -1)
)lua";

/// KEYS the places; ARGV worker, places, lease in seconds. A place's score is the time until which it counts.
inline const std::string kGreet = R"lua(
local now = tonumber(redis.call('TIME')[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
for i = 1, tonumber(ARGV[2]) do redis.call('ZADD', KEYS[1], now + tonumber(ARGV[3]), ARGV[1] .. ':' .. i) end
)lua";

/// KEYS the places. Answers how many count.
inline const std::string kPlaces = "return redis.call('ZCOUNT', KEYS[1], '(' .. redis.call('TIME')[1], '+inf')";

/// KEYS the places, the stream; ARGV worker, places. A worker that holds anything stays in the group, for others to
/// take it over.
inline const std::string kLeave = kCommon + R"lua(
for i = 1, tonumber(ARGV[2]) do redis.call('ZREM', KEYS[1], ARGV[1] .. ':' .. i) end
ensure_group(KEYS[2])
if #redis.call('XPENDING', KEYS[2], 'workers', '-', '+', 1, ARGV[1]) == 0 then
  redis.call('XGROUP', 'DELCONSUMER', KEYS[2], 'workers', ARGV[1])
end
)lua";

}  // namespace atelier::jobs::scripts
