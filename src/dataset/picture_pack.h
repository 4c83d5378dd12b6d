#pragma once
#include <filesystem>
#include <vector>

#include "tensor/tensor.h"
#include "weights/weight_set.h"

namespace atelier {

/// The pictures of a pack, bytes [3, H, W] each. @throws Error when `weights` is no pack.
std::vector<Tensor> unpack_pictures(const WeightSet& weights);

/// Whether `path` names a file of packed pictures, as opposed to a folder or a picture.
bool is_pack(const std::filesystem::path& path);

}  // namespace atelier
