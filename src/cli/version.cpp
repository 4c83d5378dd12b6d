#include "atelier/version.h"

#include "cli/command.h"
#include "cli/terminal.h"

namespace atelier::cli {

Run describe_version(CLI::App&, const Arguments&) {
  return [] {
    say("atelier " + std::string(version()) + "\n");
    return 0;
  };
}

}  // namespace atelier::cli
