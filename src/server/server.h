#pragma once
#include <memory>

#include "server/options.h"

namespace atelier::server {

/// The studio: its page and interface over HTTP, and the runners that carry out jobs.
class Server {
 public:
  /// Opens the data folder and the port; nothing is served yet.
  /// @throws Error for options that do not go together, a folder in use, or a port that is taken.
  explicit Server(ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  int port() const;
  /// Serves until stop(): then no request is accepted any more, those under way are answered, and running jobs end
  /// within a step to be begun again at the next start.
  void run();
  /// May be called from any thread, and before run().
  void stop();

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace atelier::server
