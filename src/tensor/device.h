#pragma once
#include <string>

#include "tensor/tensor.h"

namespace atelier {

/// Where networks learn: "cpu", "cuda" or "cuda:N".
/// @param process  among several on this machine, which share its GPUs: "cuda" is the N-th's for process N.
/// @throws Error   for another name, and when LibTorch or this machine has no such device.
torch::Device parse_device(const std::string& name, int process = 0);

}  // namespace atelier
