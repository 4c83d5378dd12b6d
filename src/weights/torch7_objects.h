#pragma once
#include <deque>
#include <string>
#include <unordered_map>

#include "weights/pickle.h"
#include "weights/torch7_input.h"

namespace atelier {

/// What one Torch7 file describes, in the terms of the pickle reader: a table is a PickleDict, whose keys 1 … n, when
/// it has just these, come first as 0 … n − 1; an object of a class is the table of its fields; a function is None.
struct Torch7Objects {
  std::deque<PickleNode> nodes;
  std::unordered_map<const PickleNode*, std::string> classes;  ///< of the nodes that are objects, "nn.Sequential"
  std::deque<std::span<const std::byte>> storages;             ///< a PickleStorage's key is the index here
  std::deque<std::string> keys;
  const PickleNode* root = nullptr;
};

/// Reads the one object that torch.save wrote. Nothing is ever executed; functions are passed over.
/// Format: torch/torch7, File.lua (readObject), generic/Tensor.c and generic/Storage.c (read).
/// @throws Error naming the class that it refuses (those that write bytes of their own), or the fault; also beyond
///         2 million objects or 200 levels.
Torch7Objects read_torch7(Torch7Input& input);

}  // namespace atelier
