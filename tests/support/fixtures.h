#pragma once
#include <string>

#include "media/image_file.h"
#include "tensor/image_tensor.h"

namespace atelier {

/// The path of a file in tests/fixtures.
inline std::string fixture(const std::string& name) { return std::string(ATELIER_FIXTURES) + "/" + name; }

/// A picture of tests/fixtures as [1, 3, H, W] in [0, 1]: photo_64.png, painting_64.png, photo_128.png, …
/// @throws Error when it is missing.
inline Tensor read_fixture(const std::string& name) { return to_tensor(read_image(fixture(name))); }

}  // namespace atelier
