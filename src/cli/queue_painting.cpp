#include "cli/queue_painting.h"

#include <chrono>
#include <memory>

#include "jobs/redis.h"
#include "server/remote_painter.h"

namespace atelier::cli {

void QueueFlags::add_to(CLI::App& app) {
  app.add_option("--queue", url, "Redis over which `atelier worker`s elsewhere paint; none is painted here")
      ->type_name("redis://[:PASSWORD@]HOST[:PORT][/DATABASE]")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
      ->group("Queue");
  app.add_option("--lease", lease, "seconds of silence after which a worker is taken for dead; the same everywhere [20]")
      ->type_name("SECONDS")
      ->check(CLI::Range(1.0, 3600.0))
      ->group("Queue");
}

Painter QueueFlags::painter(const Request& common) const {
  const auto address = jobs::parse_redis_url(url);
  server::require_travels(common);
  const auto patience = std::chrono::milliseconds(static_cast<long>(1000 * lease));
  const auto workers = std::make_shared<server::RemotePainter>(address, patience);
  return [workers](const Request& request, const OnProgress& on_progress) { workers->paint(request, on_progress); };
}

}  // namespace atelier::cli
