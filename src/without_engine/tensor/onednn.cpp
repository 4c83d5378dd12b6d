#include "tensor/onednn.h"

namespace atelier {

std::string onednn_version() { return kNoOneDnn; }

std::string onednn_isa() { return kNoOneDnn; }

bool onednn_has_bf16() { return false; }

bool onednn_has_fast_bf16() { return false; }

}  // namespace atelier
