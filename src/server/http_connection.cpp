#include "server/http_connection.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace atelier::server {
namespace {

using std::chrono::ceil;
using std::chrono::milliseconds;

constexpr milliseconds kGoodbye{500};
constexpr std::size_t kMostDropped = 1 << 20;

void address_of(const sockaddr_storage& address, std::string& ip, int& port) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    port = ntohs(v4.sin_port);
  } else if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    port = ntohs(v6.sin6_port);
  }
  ip = text.data();
}

}  // namespace

HttpConnection::HttpConnection(int socket, int wake, const ConnectionLimits& limits)
    : socket_(socket), wake_(wake), limits_(limits), buffer_(16 << 10) {}

/// Reads at least one byte into the empty buffer; false at `deadline`, at the end, or when the server stops.
bool HttpConnection::fill(Clock::time_point deadline) {
  for (;;) {
    const auto left = ceil<milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return false;
    std::array<pollfd, 2> watched = {{{socket_, POLLIN, 0}, {wake_, POLLIN, 0}}};
    const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(left.count()));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0 || watched[1].revents != 0) return false;
    const ssize_t got = ::recv(socket_, buffer_.data(), buffer_.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    begin_ = 0;
    end_ = static_cast<std::size_t>(got);
    return true;
  }
}

bool HttpConnection::wait_for_request() {
  if (begin_ == end_ && !fill(Clock::now() + limits_.idle)) return false;
  in_body_ = false;
  head_left_ = limits_.head_bytes;
  deadline_ = Clock::now() + limits_.head;
  return true;
}

void HttpConnection::begin_body(std::uint64_t length, std::uint64_t allowed) {
  in_body_ = true;
  body_left_ = length;
  deadline_ = Clock::now() + limits_.stall + std::chrono::seconds(std::min(length, allowed) / limits_.slowest);
}

void HttpConnection::drop_body() {
  std::array<char, 4096> dropped;
  while (in_body_ && body_left_ > 0 && read(dropped.data(), dropped.size()) > 0) continue;
}

void HttpConnection::say_goodbye() {
  ::shutdown(socket_, SHUT_WR);
  const auto deadline = Clock::now() + kGoodbye;
  for (std::size_t dropped = 0; dropped < kMostDropped && fill(deadline); dropped += end_) continue;
}

bool HttpConnection::is_readable() const { return begin_ < end_ || body_left_ > 0; }

bool HttpConnection::is_writable() const {
  pollfd watched = {socket_, POLLOUT | POLLRDHUP, 0};
  while (::poll(&watched, 1, static_cast<int>(limits_.stall.count())) < 0 && errno == EINTR) continue;
  return (watched.revents & POLLOUT) != 0 && (watched.revents & (POLLRDHUP | POLLHUP | POLLERR)) == 0;
}

ssize_t HttpConnection::read(char* to, size_t size) {
  const std::uint64_t allowed = in_body_ ? body_left_ : head_left_;
  if (allowed == 0) return -1;
  if (begin_ == end_ && !fill(std::min(deadline_, Clock::now() + limits_.stall))) return -1;
  const auto count = std::min({size, end_ - begin_, static_cast<std::size_t>(allowed)});
  std::memcpy(to, buffer_.data() + begin_, count);
  begin_ += count;
  if (in_body_)
    body_left_ -= count;
  else
    head_left_ -= count;
  return static_cast<ssize_t>(count);
}

ssize_t HttpConnection::write(const char* from, size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t sent = ::send(socket_, from + done, size - done, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      done += static_cast<std::size_t>(sent);
      written_ += static_cast<std::uint64_t>(sent);
      continue;
    }
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK) return -1;
    const auto start = Clock::now();
    pollfd watched = {socket_, POLLOUT, 0};
    const int ready = ::poll(&watched, 1, static_cast<int>(limits_.stall.count()));
    blocked_ += Clock::now() - start;
    if (ready == 0 || (ready < 0 && errno != EINTR)) return -1;
    if (blocked_ > limits_.stall + std::chrono::seconds(written_ / limits_.slowest)) return -1;
  }
  return static_cast<ssize_t>(size);
}

void HttpConnection::get_remote_ip_and_port(std::string& ip, int& port) const {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getpeername(socket_, reinterpret_cast<sockaddr*>(&address), &length) == 0) address_of(address, ip, port);
}

void HttpConnection::get_local_ip_and_port(std::string& ip, int& port) const {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length) == 0) address_of(address, ip, port);
}

}  // namespace atelier::server
