#pragma once
#include <span>
#include <string>

#include "weights/weight_set.h"

namespace atelier {

/// Whether the content starts like a file of Torch7's torch.save, binary or ascii: a table or an object, number 1.
bool looks_like_torch7(std::span<const std::byte> bytes);

/// Reads the tensors of a Torch7 file (.t7), given as bytes that outlive the result. No code in the file can run:
/// functions are passed over, classes are but names. Tensors are named by their path, fields of objects by name and
/// list entries counted from 0: `modules.0.weight`. Empty tensors are left out.
///
/// Metadata "torch7" is a JSON array with an entry for every object, and every table with fields, in the order of
/// the layers: {"path": "modules.0", "class": "nn.SpatialConvolution", "fields": {"kW": 9, ...}}; fields are the
/// numbers, flags and plain ASCII texts; "class" is "table" for a plain table.
/// @param name    the file's, for messages.
/// @throws Error  naming the file and what is refused or damaged.
WeightSet parse_torch7(std::span<const std::byte> bytes, const std::string& name);

}  // namespace atelier
