#pragma once
#include <exception>

namespace atelier {

/// Whether memory did not suffice: std::bad_alloc, or what LibTorch throws in its place.
bool out_of_memory(const std::exception& fault);

}  // namespace atelier
