#pragma once
#include <httplib.h>

#include <atomic>
#include <cstdint>
#include <string>

#include "server/http_connection.h"

namespace atelier::server {

/// cpp-httplib's server with what it lacks: deadlines for whole requests, a limit on headers, a thread for each
/// connection up to a bound, and a stop that wakes idle connections.
class HttpServer : public httplib::Server {
 public:
  /// @param most_connections  served at once; further ones wait.
  HttpServer(const ConnectionLimits& limits, std::size_t most_connections);
  ~HttpServer() override;
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// @param port  0: any free one.
  /// @return      the port. @throws Error (kFailure) when it is taken or the address not this machine's.
  int open(const std::string& address, int port);
  /// Serves until close(), which may be called from any thread, and before.
  void serve();
  void close();
  int connections() const { return connections_; }
  /// Bytes of all request bodies that are being received or answered.
  std::int64_t bytes_in_flight() const { return bytes_in_flight_; }

 private:
  bool process_and_close_socket(socket_t socket) override;
  bool answer_one(HttpConnection& connection, bool last);

  ConnectionLimits limits_;
  int wake_ = -1;
  std::atomic<int> connections_ = 0;
  std::atomic<std::int64_t> bytes_in_flight_ = 0;
};

}  // namespace atelier::server
