#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "networks/network.h"

namespace atelier::methods::multimodal {

/// The sizes of the three subnets; the defaults are the paper's.
struct Shape {
  std::int64_t width = 32;  ///< channels at full size; twice and four times as many below
  int blocks = 3;           ///< residual blocks of each stack
  int edge_kernel = 9;      ///< side of each subnet's first convolution
};

/// The nodes that hold the pictures of the style, the enhance and the refine subnet: 1, 2 and 4 times as large as the
/// input. The last is the network's output.
const std::vector<std::string>& subnet_outputs();

/// Parameters that are constants: how the luminance is made of RGB.
const std::vector<std::string>& fixed_parameters();

/// The three subnets as one network: input "picture" [N, 3, h, w] in [0, 1], h and w multiples of 4; output
/// [N, 3, 4h, 4w], mostly in [0, 1]. Random parameters.
///
/// Style subnet: the picture and its luminance each pass three convolutions down to a quarter and residual blocks; the
/// two are joined, and pass residual blocks and two enlargements. Its picture is doubled (bilinear) for the enhance
/// subnet, which goes down to an eighth, and that one's for the refine subnet, which goes down to a quarter.
/// Paper: Wang, Oxholm, Zhang, Wang, "Multimodal Transfer: A Hierarchical Deep Convolutional Neural Network for Fast
/// Artistic Style Transfer", CVPR 2017, section 3. Deviations: the enhance and the refine subnet add what they paint to
/// the enlarged picture, so that they start as enlargements; outputs are linear.
Network hierarchical_network(std::uint64_t seed, const Shape& shape = {});

}  // namespace atelier::methods::multimodal
