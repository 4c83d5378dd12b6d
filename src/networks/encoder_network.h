#pragma once
#include <string>
#include <vector>

#include "encoders/conv_chain.h"
#include "networks/network.h"

namespace atelier {

/// An encoder as a network, with max pooling: input "picture" [N, 3, H, W] in [0, 1], then the colour matrix "input"
/// and for each layer "conv1_1" and "relu1_1", with "pool2" before block 2 and so on. The features flow on without
/// readouts; those are convolutions of their own, "relu4_1.readout". Parameters are those of `chain`, not copies.
Network encoder_network(const ConvChain& chain);

/// Names of the features in such a network: every ReLU and every readout, in the order of the nodes.
std::vector<std::string> encoder_taps(const Graph& graph);

}  // namespace atelier
