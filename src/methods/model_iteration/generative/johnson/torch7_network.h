#pragma once
#include <optional>

#include "networks/network.h"

namespace atelier::methods::johnson {

/// Turns a checkpoint of jcjohnson/fast-neural-style (.t7: "model", an nn.Sequential, and "opt") into our network, with
/// its preprocessing, channel order and tanh constant. Understood are the modules that its models.lua knows:
/// convolutions, full (transposed) convolutions of 3×3 and stride 2, reflection, replication and zero padding,
/// instance and batch norm, ReLU, residual blocks with or without cropping (ShaveImage), nearest upsampling, Tanh,
/// MulConstant, TotalVariation. The median filter that its script applies afterwards is no part of the network.
///
/// Transposed convolutions are aligned otherwise than ours (one pixel cut before, none after); their kernels get a
/// row and a column of zeros, which shifts them to the same place.
/// @return        nothing when `weights` is no such checkpoint.
/// @throws Error  naming the module that is not understood.
std::optional<Network> read_torch7_network(const WeightSet& weights);

}  // namespace atelier::methods::johnson
