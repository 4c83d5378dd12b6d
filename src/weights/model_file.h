#pragma once
#include <filesystem>

#include "weights/weight_set.h"

namespace atelier {

/// Opens a weight file of any known format, found by its content and not by its name: safetensors,
/// PyTorch's .pth/.pt/.pth.tar, zip or legacy, Torch7's .t7, binary or ascii, or the manifest of a folder of
/// deeplearn.js or TensorFlow.js; such a folder itself is opened too.
/// @throws Error naming the file and, for another format, how to convert it.
WeightSet read_weights(const std::filesystem::path& path);

}  // namespace atelier
