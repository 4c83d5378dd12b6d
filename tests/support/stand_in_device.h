#pragma once
#include <torch/types.h>

namespace atelier::test {

/// A device that stands in for a GPU: its tensors lie in main memory and the processor computes on them, but an
/// operation that mixes them with tensors of the processor is refused, as CUDA refuses it, and so are random numbers
/// drawn there by a generator of the processor. What runs here has every tensor in its place; how fast a GPU is, or how
/// it rounds, this cannot tell.
torch::Device stand_in_device();

}  // namespace atelier::test
