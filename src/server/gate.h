#pragma once
#include <httplib.h>

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "server/options.h"

namespace atelier::server {

/// Lets each address make so many requests a second on average, and a burst of four seconds' worth at once.
class RateLimit {
 public:
  explicit RateLimit(double per_second) : per_second_(per_second) {}
  /// @return seconds to wait; 0: go on.
  int check(const std::string& address);

 private:
  using Clock = std::chrono::steady_clock;
  struct Bucket {
    double left = 0;
    Clock::time_point filled;
  };
  double per_second_;
  std::mutex mutex_;
  std::map<std::string, Bucket> buckets_;
};

/// Decides from a request's header whether it is let in, before its body is read.
class Gate {
 public:
  explicit Gate(const ServerOptions& options);

  /// Refuses wrong hosts and origins, missing tokens, bodies that are too large, compressed or of unknown length, and
  /// who asks too often.
  /// @param bytes_in_flight  of all bodies being received, this one included.
  /// @throws Refusal with the status to answer.
  void check(const httplib::Request& request, std::int64_t bytes_in_flight);

  /// Who asks: the random text of their cookie, else their address.
  std::string client_of(const httplib::Request& request) const;
  /// Whose jobs and pictures they may see: nothing for everybody's, which is so where there is no token.
  std::optional<std::string> viewer_of(const httplib::Request& request) const;
  /// The cookie to set for a newcomer, and for who came with the token in the page's address.
  std::optional<std::string> cookie_for(const httplib::Request& request) const;
  bool brings_token(const httplib::Request& request) const;
  std::string token_cookie() const;

 private:
  bool is_own_host(const std::string& host) const;
  void check_host(const httplib::Request& request) const;
  void check_origin(const httplib::Request& request) const;
  void check_token(const httplib::Request& request) const;
  void check_body(const httplib::Request& request, std::int64_t bytes_in_flight) const;

  const ServerOptions& options_;
  RateLimit rate_;
  std::string token_digest_;
};

/// The value of a cookie; empty when there is none.
std::string cookie(const httplib::Request& request, const std::string& name);

/// Headers that every answer carries: what the page may load, and that nobody may frame or embed it.
httplib::Headers standard_headers();

}  // namespace atelier::server
