#include "server/gate.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>

#include "core/printable.h"
#include "core/sha256.h"
#include "jobs/random_id.h"
#include "server/refusal.h"

namespace atelier::server {
namespace {

constexpr const char* kClientCookie = "atelier";
constexpr const char* kTokenCookie = "atelier-token";
constexpr std::size_t kCookieDigits = 32;
constexpr double kBurstSeconds = 4;
constexpr std::size_t kMostBuckets = 10'000;
constexpr std::int64_t kJsonBytes = 1 << 20;
constexpr std::int64_t kUploadsAtOnce = 4;  // as many of the largest as memory must hold
constexpr const char* kCookieRules = "; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict";

std::string digest(const std::string& text) { return sha256_hex(std::as_bytes(std::span(text.data(), text.size()))); }

/// As long for a wrong text as for the right one, so that its time tells nothing.
bool same(const std::string& a, const std::string& b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned>(a[i] ^ b[i]);
  return difference == 0;
}

/// "localhost" of "localhost:8080", "[::1]" of "[::1]:8080"; lower case.
std::string host_name(const std::string& host) {
  const auto bracket = host.find(']');
  auto name = host.substr(0, host.find(':', bracket == std::string::npos ? 0 : bracket));
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name;
}

std::string without_brackets(const std::string& host) {
  return host.size() > 2 && host.front() == '[' && host.back() == ']' ? host.substr(1, host.size() - 2) : host;
}

bool is_numeric(const std::string& host) {
  in6_addr address{};
  return ::inet_pton(AF_INET, host.c_str(), &address) == 1 ||
         ::inet_pton(AF_INET6, without_brackets(host).c_str(), &address) == 1;
}

bool is_write(const httplib::Request& request) { return request.method != "GET" && request.method != "HEAD"; }

}  // namespace

std::string cookie(const httplib::Request& request, const std::string& name) {
  const auto header = request.get_header_value("Cookie");
  for (std::size_t at = 0; at < header.size();) {
    const auto end = std::min(header.find(';', at), header.size());
    const auto begin = std::min(header.find_first_not_of(' ', at), end);
    if (header.compare(begin, name.size() + 1, name + "=") == 0)
      return header.substr(begin + name.size() + 1, end - begin - name.size() - 1);
    at = end + 1;
  }
  return "";
}

httplib::Headers standard_headers() {
  return {{"Content-Security-Policy",
           "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
           "font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
          {"X-Content-Type-Options", "nosniff"},
          {"X-Frame-Options", "DENY"},
          {"Referrer-Policy", "no-referrer"},
          {"Cross-Origin-Opener-Policy", "same-origin"},
          {"Cross-Origin-Resource-Policy", "same-origin"},
          {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"}};
}

int RateLimit::check(const std::string& address) {
  if (per_second_ <= 0 || is_loopback(address)) return 0;
  const auto now = Clock::now();
  const double most = per_second_ * kBurstSeconds;
  const std::lock_guard lock(mutex_);
  if (buckets_.size() > kMostBuckets)
    std::erase_if(buckets_, [&](const auto& item) { return now - item.second.filled > std::chrono::minutes(1); });
  auto& bucket = buckets_.try_emplace(address, Bucket{most, now}).first->second;
  bucket.left = std::min(most, bucket.left + per_second_ * std::chrono::duration<double>(now - bucket.filled).count());
  bucket.filled = now;
  if (bucket.left < 1) return static_cast<int>(std::ceil((1 - bucket.left) / per_second_));
  bucket.left -= 1;
  return 0;
}

Gate::Gate(const ServerOptions& options)
    : options_(options), rate_(options.requests_per_second), token_digest_(digest(options.token)) {}

bool Gate::is_own_host(const std::string& host) const {
  const auto name = host_name(host);
  if (name == "localhost" || name == "127.0.0.1" || name == "[::1]" || name == options_.address ||
      without_brackets(name) == options_.address)
    return true;
  // Whoever lures a browser here by a name of their own (DNS rebinding) cannot do so by a number.
  if (!is_loopback(options_.address) && is_numeric(name)) return true;
  return std::find(options_.hosts.begin(), options_.hosts.end(), name) != options_.hosts.end();
}

void Gate::check_host(const httplib::Request& request) const {
  if (request.get_header_value_count("Host") != 1)
    throw Refusal(400, "the request names no Host, or several; send one");
  const auto host = request.get_header_value("Host");
  if (!is_own_host(host))
    throw Refusal(403, "this server is not called " + printable(host) + "; start it with --host NAME if it shall be");
}

void Gate::check_origin(const httplib::Request& request) const {
  if (!is_write(request) || !request.has_header("Origin")) return;
  const auto origin = request.get_header_value("Origin"), host = request.get_header_value("Host");
  if (origin != "http://" + host && origin != "https://" + host)
    throw Refusal(403, "a page of " + printable(origin) + " may not change anything here; use the studio's own page");
}

bool Gate::brings_token(const httplib::Request& request) const {
  return !options_.token.empty() && request.has_param("token") &&
         same(digest(request.get_param_value("token")), token_digest_);
}

std::string Gate::token_cookie() const { return kTokenCookie + ("=" + token_digest_) + kCookieRules; }

void Gate::check_token(const httplib::Request& request) const {
  if (options_.token.empty()) return;
  const bool open = !request.path.starts_with("/api/") && request.path != "/metrics";  // the page itself is no secret
  if (open || same(cookie(request, kTokenCookie), token_digest_)) return;
  const std::string bearer = "Bearer ", given = request.get_header_value("Authorization");
  if (given.starts_with(bearer) && same(digest(given.substr(bearer.size())), token_digest_)) return;
  throw Refusal(
      401, "the token is missing or wrong; open the address with ?token=TOKEN, or send Authorization: Bearer TOKEN");
}

void Gate::check_body(const httplib::Request& request, std::int64_t bytes_in_flight) const {
  if (request.has_header("Transfer-Encoding"))
    throw Refusal(411, "the body's length is not known; send it with Content-Length");
  if (request.has_header("Content-Encoding")) throw Refusal(415, "the body is compressed; send it as it is");
  if (!request.has_header("Content-Length")) return;
  const auto text = request.get_header_value("Content-Length");
  std::int64_t length = -1;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (fault != std::errc() || end != text.data() + text.size() || length < 0 ||
      request.get_header_value_count("Content-Length") > 1)
    throw Refusal(400, "the Content-Length is no number; send the body's bytes");
  const auto most = request.path == "/api/pictures" ? options_.max_upload : kJsonBytes;
  if (length > most)
    throw Refusal(413, "the upload has " + std::to_string(length) + " bytes and " + std::to_string(most) +
                           " are allowed; send smaller pictures, or fewer at a time");
  if (length > kJsonBytes && bytes_in_flight > kUploadsAtOnce * options_.max_upload)
    throw Refusal(503, "too many uploads at once; try again in a moment", 2);
}

void Gate::check(const httplib::Request& request, std::int64_t bytes_in_flight) {
  check_host(request);
  if (const int wait = rate_.check(request.remote_addr); wait > 0)
    throw Refusal(429, "too many requests; wait a little", wait);
  check_origin(request);
  check_token(request);
  check_body(request, bytes_in_flight);
}

std::string Gate::client_of(const httplib::Request& request) const {
  const auto known = cookie(request, kClientCookie);
  return jobs::is_id(known, kCookieDigits) ? known : request.remote_addr;
}

std::optional<std::string> Gate::viewer_of(const httplib::Request& request) const {
  if (options_.token.empty()) return std::nullopt;
  return client_of(request);
}

std::optional<std::string> Gate::cookie_for(const httplib::Request& request) const {
  if (jobs::is_id(cookie(request, kClientCookie), kCookieDigits)) return std::nullopt;
  return kClientCookie + ("=" + jobs::random_id(kCookieDigits)) + kCookieRules;
}

}  // namespace atelier::server
