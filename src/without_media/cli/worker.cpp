#include "atelier/error.h"
#include "cli/command.h"

namespace atelier::cli {

Run describe_worker(CLI::App&, const Arguments&) {
  throw Error("this build paints for no studio; build with -DATELIER_MEDIA=ON");
}

}  // namespace atelier::cli
