#include "media/codecs.h"

namespace atelier {

bool has_codecs() { return true; }

}  // namespace atelier
