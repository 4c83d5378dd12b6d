#pragma once
#include <httplib.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace atelier::server {

/// How long a client may take. A thread is bound to each connection, so that none may hold one for nothing.
struct ConnectionLimits {
  std::chrono::milliseconds head{10'000};   ///< from a request's first byte to the end of its header
  std::chrono::milliseconds idle{15'000};   ///< between two requests
  std::chrono::milliseconds stall{15'000};  ///< without a single byte moving
  std::size_t head_bytes = 32 << 10;        ///< of a request line and header
  std::uint64_t slowest = 32 << 10;         ///< bytes a second, after `stall`: slower bodies are given up
};

/// A client's connection as cpp-httplib reads and writes it, with ConnectionLimits enforced.
class HttpConnection : public httplib::Stream {
 public:
  /// @param wake  a descriptor that becomes readable when the server stops.
  HttpConnection(int socket, int wake, const ConnectionLimits& limits);

  /// Waits for the first byte of a request; false when none came in time, the client is gone or the server stops.
  bool wait_for_request();
  /// The header has been read; `length` bytes of body follow, it says. Time is given for `allowed` bytes at most.
  void begin_body(std::uint64_t length, std::uint64_t allowed);
  /// Reads and drops what the last request left of its body, so that the client gets to read the answer.
  void drop_body();
  /// Ends the sending side and reads on for a moment: closing with bytes unread resets the connection, and the client
  /// might never see its answer.
  void say_goodbye();
  /// Whether another request can follow on this connection.
  bool in_step() const { return in_body_ && body_left_ == 0; }

  bool is_readable() const override;
  bool is_writable() const override;  ///< false also when the client has hung up
  ssize_t read(char* to, size_t size) override;
  ssize_t write(const char* from, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_; }

 private:
  using Clock = std::chrono::steady_clock;
  bool fill(Clock::time_point deadline);

  int socket_, wake_;
  ConnectionLimits limits_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;
  Clock::time_point deadline_;
  std::size_t head_left_ = 0;
  std::uint64_t body_left_ = 0;
  bool in_body_ = false;
  Clock::duration blocked_{};  ///< time spent waiting for the client to read
  std::uint64_t written_ = 0;
};

}  // namespace atelier::server
