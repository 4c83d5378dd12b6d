#include "jobs/redis.h"

#include <fcntl.h>
#include <hiredis.h>
#include <sys/time.h>

#include <algorithm>
#include <charconv>

#include "atelier/error.h"
#include "core/printable.h"

namespace atelier::jobs {
namespace {

using namespace std::string_literals;

constexpr const char* kForm = "; write redis://[:PASSWORD@]HOST[:PORT][/DATABASE]";
constexpr int kMostDatabases = 1 << 20;

[[noreturn]] void refuse(const std::string& what) { throw Error("the address of the queue " + what + kForm); }

int number(std::string_view text, int lowest, int highest, const char* what) {
  int value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size() || value < lowest || value > highest)
    refuse("has no valid "s + what);
  return value;
}

/// "%40" is "@".
std::string decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    unsigned value = 0;
    const auto digits = text.substr(i + 1, 2);
    const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() < 2 || fault != std::errc() || end != digits.data() + 2) refuse("has a % without two digits");
    plain += static_cast<char>(value);
    i += 2;
  }
  return plain;
}

void read_user(std::string_view text, RedisAddress& address) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) refuse("names a user without a password");
  address.user = decoded(text.substr(0, colon));
  address.password = decoded(text.substr(colon + 1));
}

void read_host(std::string_view text, RedisAddress& address) {
  const auto bracket = text.starts_with('[') ? text.find(']') : std::string_view::npos;
  const auto colon = bracket == std::string_view::npos ? text.find(':') : text.find(':', bracket);
  if (colon != std::string_view::npos) address.port = number(text.substr(colon + 1), 1, 65535, "port");
  const auto host = text.substr(0, colon);
  address.host = bracket == std::string_view::npos ? host : host.substr(1, bracket - 1);
  if (address.host.empty()) refuse("names no host");
}

timeval to_timeval(std::chrono::milliseconds time) {
  return {static_cast<time_t>(time.count() / 1000), static_cast<suseconds_t>(time.count() % 1000 * 1000)};
}

RedisValue to_value(const redisReply& reply) {
  RedisValue value;
  switch (reply.type) {
    case REDIS_REPLY_INTEGER:
      value.kind = RedisValue::Kind::kInteger;
      value.integer = reply.integer;
      break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      value.kind = RedisValue::Kind::kText;
      value.text.assign(reply.str, reply.len);
      break;
    case REDIS_REPLY_ARRAY:
      value.kind = RedisValue::Kind::kList;
      for (std::size_t i = 0; i < reply.elements; ++i) value.list.push_back(to_value(*reply.element[i]));
      break;
    default: break;
  }
  return value;
}

/// nullptr when the connection broke.
void* exchange(redisContext* context, const std::vector<std::string>& words) {
  std::vector<const char*> starts;
  std::vector<std::size_t> sizes;
  for (const auto& word : words) {
    starts.push_back(word.data());
    sizes.push_back(word.size());
  }
  return redisCommandArgv(context, static_cast<int>(words.size()), starts.data(), sizes.data());
}

}  // namespace

std::string RedisAddress::shown() const {
  const bool bare_v6 = host.find(':') != std::string::npos;
  return "redis://" + (bare_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port) +
         (database == 0 ? "" : "/" + std::to_string(database));
}

RedisAddress parse_redis_url(const std::string& url) {
  const std::string_view scheme = "redis://";
  if (url.starts_with("rediss://"))
    throw Error(
        "the queue cannot be reached over TLS; write redis:// and lead it through a private network or stunnel");
  if (!url.starts_with(scheme)) refuse("does not begin with redis://");
  std::string_view rest = std::string_view(url).substr(scheme.size());
  RedisAddress address;
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
    read_user(rest.substr(0, at), address);
    rest.remove_prefix(at + 1);
  }
  const auto slash = rest.find('/');
  read_host(rest.substr(0, slash), address);
  if (slash != std::string_view::npos && slash + 1 < rest.size())
    address.database = number(rest.substr(slash + 1), 0, kMostDatabases, "database");
  return address;
}

std::chrono::milliseconds Backoff::next() {
  const auto now = next_;
  next_ = std::min(2 * next_, kMost);
  return now;
}

void Redis::Closer::operator()(redisContext* context) const { redisFree(context); }

Redis::Redis(RedisAddress address, Milliseconds timeout) : address_(std::move(address)), timeout_(timeout) {}
Redis::~Redis() = default;

void Redis::fail(const std::string& reason) const {
  throw Error("the queue " + address_.shown() + " cannot be used: " + one_line(reason, 160) +
                  "; check that redis-server runs there and that --queue names it",
              ErrorKind::kFailure);
}

RedisValue Redis::checked(void* reply) const {
  const std::unique_ptr<redisReply, void (*)(void*)> owner(static_cast<redisReply*>(reply), freeReplyObject);
  if (owner->type == REDIS_REPLY_ERROR) fail(std::string(owner->str, owner->len));
  return to_value(*owner);
}

Redis::Connection Redis::connect() const {
  Connection connection(redisConnectWithTimeout(address_.host.c_str(), address_.port, to_timeval(timeout_)));
  if (!connection) fail("no memory");
  if (connection->err != 0) fail(connection->errstr);
  ::fcntl(connection->fd, F_SETFD, FD_CLOEXEC);
  redisSetTimeout(connection.get(), to_timeval(timeout_));
  redisEnableKeepAlive(connection.get());
  std::vector<std::vector<std::string>> greetings;
  if (!address_.password.empty()) {
    greetings.push_back({"AUTH"});
    if (!address_.user.empty()) greetings.back().push_back(address_.user);
    greetings.back().push_back(address_.password);
  }
  if (address_.database != 0) greetings.push_back({"SELECT", std::to_string(address_.database)});
  for (const auto& greeting : greetings) {
    void* reply = exchange(connection.get(), greeting);
    if (reply == nullptr) fail(connection->errstr);
    checked(reply);
  }
  return connection;
}

Redis::Connection Redis::idle_connection() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return nullptr;
  auto connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

RedisValue Redis::command(const std::vector<std::string>& words, Milliseconds patience) {
  auto connection = idle_connection();
  for (bool fresh = connection == nullptr;; fresh = true) {
    if (fresh) connection = connect();
    redisSetTimeout(connection.get(), to_timeval(timeout_ + patience));
    if (void* reply = exchange(connection.get(), words)) {
      const std::lock_guard lock(mutex_);
      idle_.push_back(std::move(connection));
      return checked(reply);
    }
    if (fresh) fail(connection->errstr);
    const std::lock_guard lock(mutex_);
    idle_.clear();  // they broke with this one
  }
}

RedisValue Redis::script(const std::string& text, const std::vector<std::string>& keys,
                         const std::vector<std::string>& values) {
  std::vector<std::string> words = {"EVAL", text, std::to_string(keys.size())};
  words.insert(words.end(), keys.begin(), keys.end());
  words.insert(words.end(), values.begin(), values.end());
  return command(words);
}

}  // namespace atelier::jobs
