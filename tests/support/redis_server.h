#pragma once
#include <memory>
#include <string>

#include "support/process.h"

namespace atelier::testing {

/// A redis-server of the test's own: on a free port of 127.0.0.1, with nothing kept on disk. Ends with the object.
class RedisServer {
 public:
  /// Whether redis-server is installed; without it tests are skipped.
  static bool installed();

  /// @param folder  an existing one, to run in.
  explicit RedisServer(std::string folder, std::string password = "");

  int port() const { return port_; }
  std::string url() const;
  /// Ends it at once; everything in it is lost.
  void stop() { process_.reset(); }
  /// Starts it on the port that it had.
  void start();

 private:
  std::string folder_, password_;
  int port_;
  std::unique_ptr<Process> process_;
};

}  // namespace atelier::testing
