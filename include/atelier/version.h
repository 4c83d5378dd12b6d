#pragma once

namespace atelier {

/// The library's version, for instance "0.1.0".
const char* version();

}  // namespace atelier
