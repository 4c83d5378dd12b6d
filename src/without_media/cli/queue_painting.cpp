#include "cli/queue_painting.h"

namespace atelier::cli {

void QueueFlags::add_to(CLI::App&) {}

Painter QueueFlags::painter(const Request&) const { return {}; }

}  // namespace atelier::cli
