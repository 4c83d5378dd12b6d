#pragma once
#include <span>
#include <string>

#include "weights/weight_set.h"

namespace atelier {

/// Whether the content starts like a file of torch.save: a zip archive, or the legacy pickle.
bool looks_like_pytorch(std::span<const std::byte> bytes);

/// Reads the tensors of a file that torch.save wrote, given as bytes that outlive the result, in the zip format of
/// PyTorch 1.6 and later or the legacy one before. No code in the file can run: only tensors, plain containers and
/// numbers are understood. Containers nest into dotted names ("model.conv1.weight"), everything but tensors is passed
/// over, and strided views become contiguous.
/// @param name    the file's, for messages.
/// @throws Error  naming the file and what is refused or damaged.
WeightSet parse_pytorch(std::span<const std::byte> bytes, const std::string& name);

}  // namespace atelier
