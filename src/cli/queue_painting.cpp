#include "cli/queue_painting.h"

#include <memory>

#include "cli/queue_options.h"
#include "jobs/redis.h"
#include "server/remote_painter.h"

namespace atelier::cli {

void QueueFlags::add_to(CLI::App& app) {
  add_queue(app, url, "Redis over which `atelier worker`s elsewhere paint; none is painted here")->group("Queue");
  add_lease(app, lease)->group("Queue");
}

Painter QueueFlags::painter(const Request& common) const {
  const auto address = jobs::parse_redis_url(url);
  server::require_travels(common);
  const auto workers = std::make_shared<server::RemotePainter>(address, lease_of(lease));
  return [workers](const Request& request, const OnProgress& on_progress) { workers->paint(request, on_progress); };
}

}  // namespace atelier::cli
