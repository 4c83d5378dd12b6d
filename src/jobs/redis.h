#pragma once
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

struct redisContext;

namespace atelier::jobs {

/// Where a Redis server is and who asks.
struct RedisAddress {
  std::string host = "127.0.0.1";
  int port = 6379;
  std::string user, password;  ///< empty: none
  int database = 0;

  /// For messages: without user and password.
  std::string shown() const;
};

/// Reads redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]; user and password may hold %XX, an IPv6 host stands in [].
/// @throws Error when `url` is not of that form; the message never holds the password.
RedisAddress parse_redis_url(const std::string& url);

/// What Redis answers.
struct RedisValue {
  enum class Kind { kNothing, kInteger, kText, kList };
  Kind kind = Kind::kNothing;
  std::int64_t integer = 0;
  std::string text;
  std::vector<RedisValue> list;

  bool nothing() const { return kind == Kind::kNothing; }
};

/// Waits between attempts to reach a server: 0.1 s, doubled each time, at most 5 s.
class Backoff {
 public:
  std::chrono::milliseconds next();
  void reset() { next_ = kFirst; }

 private:
  static constexpr std::chrono::milliseconds kFirst{100}, kMost{5000};
  std::chrono::milliseconds next_ = kFirst;
};

/// A Redis server. Commands may be sent from any thread; each uses a connection of its own while it lasts. A broken
/// connection is replaced and the command sent once more, so send only what may be carried out twice.
/// A process that uses it should ignore SIGPIPE.
class Redis {
 public:
  using Milliseconds = std::chrono::milliseconds;

  /// Connects with the first command. @param timeout  for connecting, and for each answer.
  explicit Redis(RedisAddress address, Milliseconds timeout = Milliseconds(5000));
  ~Redis();
  Redis(const Redis&) = delete;
  Redis& operator=(const Redis&) = delete;

  /// @param patience  how long a blocking command may wait beyond the timeout.
  /// @throws Error    (kFailure) when the server cannot be reached, or refuses the command.
  RedisValue command(const std::vector<std::string>& words, Milliseconds patience = Milliseconds(0));
  /// Carries out a Lua script at once and as a whole.
  RedisValue script(const std::string& text, const std::vector<std::string>& keys,
                    const std::vector<std::string>& values);

  const RedisAddress& address() const { return address_; }

 private:
  struct Closer {
    void operator()(redisContext* context) const;
  };
  using Connection = std::unique_ptr<redisContext, Closer>;

  Connection idle_connection();
  Connection connect() const;
  [[noreturn]] void fail(const std::string& reason) const;
  RedisValue checked(void* reply) const;

  RedisAddress address_;
  Milliseconds timeout_;
  std::mutex mutex_;
  std::vector<Connection> idle_;
};

}  // namespace atelier::jobs
