#pragma once

namespace atelier {

/// Whether this build reads and writes pictures; with -DATELIER_MEDIA=OFF it does not, and says so where it is asked
/// to.
bool has_codecs();

}  // namespace atelier
