#include "atelier/version.h"

namespace atelier {

const char* version() { return ATELIER_VERSION; }

}  // namespace atelier
