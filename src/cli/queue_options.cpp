#include "cli/queue_options.h"

namespace atelier::cli {

CLI::Option* add_queue(CLI::App& app, std::string& url, const std::string& help) {
  return app.add_option("--queue", url, help)->type_name("redis://[:PASSWORD@]HOST[:PORT][/DATABASE]");
}

CLI::Option* add_lease(CLI::App& app, double& seconds) {
  return app
      .add_option(
          "--lease", seconds,
          "seconds of silence after which a worker is taken for dead and its jobs for free; the same everywhere "
          "[20]")
      ->type_name("SECONDS")
      ->check(CLI::Range(1.0, 3600.0));
}

}  // namespace atelier::cli
