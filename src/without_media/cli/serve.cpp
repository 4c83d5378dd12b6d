#include "atelier/error.h"
#include "cli/command.h"

namespace atelier::cli {

Run describe_serve(CLI::App&, const Arguments&) {
  throw Error("this build has no studio; build with -DATELIER_MEDIA=ON");
}

}  // namespace atelier::cli
