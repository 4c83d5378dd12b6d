#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "weights/pickle.h"
#include "weights/weight_set.h"

namespace atelier {

/// Gives a storage's bytes, at least as many as it promises.
using StorageBytes = std::function<std::span<const std::byte>(const PickleStorage&)>;

/// Gathers the tensors below `root` under dotted names. Contiguous ones point into their storage's bytes;
/// the others are copied into memory that the result owns.
/// @param copy_limit  bytes that all copies may take together.
/// @throws Error for two tensors of one name, views outside their storage, and structures made to exhaust memory.
WeightSet collect_tensors(const PickleNode& root, const StorageBytes& storage_bytes, std::uint64_t copy_limit,
                          const std::string& file);

}  // namespace atelier
