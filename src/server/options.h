#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "server/http_connection.h"

namespace atelier::server {

/// How a studio is run; the defaults suit one person on their own machine.
struct ServerOptions {
  std::string address = "127.0.0.1";
  int port = 8080;                 ///< 0: any free one
  std::string token;               ///< who may use the interface must know it; empty: everybody (loopback only)
  std::vector<std::string> hosts;  ///< further names by which clients may call the server, for instance behind a proxy
  std::filesystem::path data;      ///< jobs, pictures and results

  bool runs_jobs = true;  ///< false: jobs only wait here, for others to carry out
  std::string queue;  ///< redis://...: jobs are carried out by the workers there, none here; empty: by this process
  std::chrono::milliseconds lease{20000};  ///< a worker that is silent for so long is taken for dead
  int jobs_at_once = 0;   ///< 0: by the number of cores
  int threads = 0;        ///< for all jobs together; 0: all cores
  std::int64_t queue_length = 100;
  double keep_days = 30;                            ///< finished jobs are deleted after that
  std::int64_t quota = std::int64_t{10} << 30;      ///< bytes of pictures and results
  std::int64_t max_upload = std::int64_t{128} << 20;  ///< bytes of one request
  std::uint64_t max_pixels = 100'000'000;           ///< of an uploaded picture
  std::uint64_t max_result_pixels = 40'000'000;
  double requests_per_second = 50;  ///< from one address other than loopback; 0: any number
  std::size_t most_connections = 256;
  ConnectionLimits limits;

  /// Receives the log: one JSON object on a line, without newline. May be called from any thread.
  std::function<void(const std::string&)> log;
};

/// Whether `address` is this machine's own: localhost, 127.…, ::1.
bool is_loopback(const std::string& address);

}  // namespace atelier::server
