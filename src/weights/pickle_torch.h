#pragma once
#include <string>
#include <string_view>

#include "weights/pickle.h"

namespace atelier {

/// The object that a pickled "module.name" stands for.
/// @throws Error naming it unless it is one of those that tensors need.
PickleNode torch_global(std::string_view module, std::string_view name, const std::string& file);

/// What calling `callable` with a tuple gives: an empty or filled dict, or a tensor.
/// @throws Error when the arguments are not what PyTorch writes.
PickleNode torch_call(const PickleNode& callable, const PickleNode& arguments, const std::string& file);

/// The storage that a persistent id ("storage", type, key, device, elements[, None]) describes.
/// @throws Error when it is anything else.
PickleStorage torch_storage(const PickleNode& persistent_id, const std::string& file);

}  // namespace atelier
