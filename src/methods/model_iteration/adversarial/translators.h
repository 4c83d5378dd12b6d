#pragma once
#include <cstdint>

#include "networks/network.h"

/// The networks that the adversarial methods share: generators, which turn one picture into another, and critics of
/// patches. Pictures are [N, 3, H, W] in [0, 1] in and out; inside they are in [-1, 1]. Weights start as in DCGAN
/// (Radford et al. 2016, §4) and all its successors: normal with deviation 0.02, biases 0, norms around 1.
namespace atelier::methods {

enum class Norm { kInstance, kBatch, kNone };

/// How a generator becomes larger again.
enum class Enlarging {
  kTransposed,  ///< transposed convolutions, the papers' way; a short training leaves their checkerboard
  kNearest,     ///< nearest neighbour, then a 3×3 convolution with reflected edges (Odena, Dumoulin, Olah 2016)
};

/// A network that halves the picture `depth` times and doubles it again.
struct UnetShape {
  int depth = 8;            ///< sides must be multiples of 2^depth
  std::int64_t width = 64;  ///< channels of the first level; they double per level, up to 8 times as many
  bool skips = true;        ///< each level of the way back sees that of the way in
  double dropout = 0.5;     ///< in the first `dropout_levels` of the way back, while learning
  int dropout_levels = 3;
  Norm norm = Norm::kInstance;
  Enlarging enlarging = Enlarging::kTransposed;
};

/// The U-Net of pix2pix: convolutions 4×4 of stride 2, transposed ones back, leaky ReLU (0.2) on the way in and ReLU on
/// the way back, tanh at the end; no norm at the first and the innermost level (with skips).
/// Paper: Isola, Zhu, Zhou, Efros, CVPR 2017, §6.1.1 ("CD512" ... ). Instance norm is what the paper's batch norm is
/// with its batch of one. Without skips and with batch norm it is the generator of DiscoGAN (Kim et al., ICML 2017).
/// @throws Error when depth or width are not positive.
Network unet(std::uint64_t seed, const UnetShape& shape = {});

/// A network that works at a quarter of the size in between.
struct ResnetShape {
  std::int64_t width = 64;   ///< channels at full size; twice and four times as many below
  int blocks = 9;            ///< residual blocks; the paper has 6 for pictures of 128 pixels and 9 from 256 on
  double dropout = 0;        ///< in each block, while learning
  double input_dropout = 0;  ///< of the picture itself, while learning
  Enlarging enlarging = Enlarging::kTransposed;
};

/// CycleGAN's generator: 7×7 convolution, two of stride 2, residual blocks, two transposed ones, 7×7, tanh; instance
/// norm, reflected edges. Sides must be multiples of 4.
/// Paper: Zhu, Park, Isola, Efros, ICCV 2017, appendix 7.2, after Johnson et al. 2016.
Network resnet(std::uint64_t seed, const ResnetShape& shape = {});

/// A critic of patches.
struct PatchShape {
  int strided = 3;          ///< convolutions of stride 2; the default sees patches of 70 × 70 pixels
  int plain = 1;            ///< further ones of stride 1
  int last_padding = 1;     ///< of the one that gives the verdicts; 0: none, for a single verdict
  std::int64_t width = 64;  ///< channels of the first; they double per layer, up to 8 times as many
  Norm norm = Norm::kInstance;
  bool conditional = false;   ///< sees the picture that was given beside the one that was made: input "photo"
  double dropout = 0;         ///< after each layer but the last, while learning
  std::int64_t verdicts = 1;  ///< per patch
};

/// The PatchGAN of pix2pix and CycleGAN: convolutions 4×4, leaky ReLU (0.2), no norm in the first layer; verdicts
/// [N, `verdicts`, h, w], not squashed. Paper: Isola et al., CVPR 2017, §6.1.2.
Network patch_critic(std::uint64_t seed, const PatchShape& shape = {});

/// How many pixels wide a patch is that one verdict sees: 70 for the defaults.
std::int64_t patch_size(const PatchShape& shape);

/// Draws the weights anew as DCGAN does.
void initialise(Network& network, std::uint64_t seed);

}  // namespace atelier::methods
