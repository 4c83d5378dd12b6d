#include <nlohmann/json.hpp>

#include "atelier/version.h"
#include "core/machine.h"
#include "server/exchange.h"
#include "server/page_files.h"
#include "server/refusal.h"

namespace atelier::server {
namespace {

void health(Exchange& exchange) {
  exchange.studio.jobs().waiting();  // throws when the store does not answer
  const auto queue = exchange.studio.queue_state();
  exchange.answer(
      {{"status", queue.reachable ? "ok" : "degraded"},
       {"version", version()},
       {"queue",
        {{"kind", queue.shared ? "redis" : "local"}, {"reachable", queue.reachable}, {"places", queue.places}}}});
}

void metrics(Exchange& exchange) {
  auto& studio = exchange.studio;
  std::string text = studio.counters().text();
  text += "# HELP atelier_jobs Jobs in the store.\n# TYPE atelier_jobs gauge\n";
  for (const auto& [state, count] : studio.jobs().count_by_state())
    text += "atelier_jobs{state=\"" + state + "\"} " + std::to_string(count) + "\n";
  const auto queue = studio.queue_state();
  text += gauge("atelier_queue_reachable", "Whether Redis answers; 1 where there is none.", queue.reachable ? 1 : 0);
  text += gauge("atelier_queue_places", "Jobs that can run at once.", queue.places);
  text += gauge("atelier_stored_bytes", "Pictures and results.", static_cast<double>(studio.bytes_used()));
  text += gauge("process_resident_memory_bytes", "Resident memory.", static_cast<double>(resident_bytes()));
  exchange.answer_text(text, "text/plain; version=0.0.4; charset=utf-8");
}

void document(Exchange& exchange) {
  exchange.answer_text(std::string(find_page_file("openapi.json")->content), "application/json");
}

}  // namespace

std::vector<Route> system_routes() {
  return {{"GET", "/healthz", health}, {"GET", "/metrics", metrics}, {"GET", "/api/openapi.json", document}};
}

}  // namespace atelier::server
