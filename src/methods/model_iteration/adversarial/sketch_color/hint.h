#pragma once
#include <string>
#include <vector>

#include "encoders/encoder.h"
#include "networks/network.h"

/// The global style hint of sketch-color: what a painting's colours and forms are like, in some hundred numbers.
///
/// Paper: Zhang, Ji, Lin 2017 (arXiv 1706.03319), section 3.1, where it is the first dense layer of VGG-19's
/// classifier, 4096 numbers. Deviation: means and deviations of an encoder's features over the picture, at four depths;
/// encoders without classifier have them, and the shallow ones hold the colours themselves.
namespace atelier::methods::sketch_color {

/// How many numbers a code has: two per channel.
std::int64_t code_size(const Encoder& encoder);

/// The codes of pictures [N, 3, h, w], [N, code_size()], float, without gradient. Pictures are brought to an area of
/// 128² pixels before.
Tensor style_code(const Encoder& encoder, const Tensor& pictures);

/// A code at every place: [N, K] to [N, K, height, width], without copies.
Tensor hint_map(const Tensor& codes, std::int64_t height, std::int64_t width);

/// What "hint_norm" of a painter shall take away and divide by: the statistics of `codes` [M, K], M > 1.
void store_statistics(Network& painter, const Tensor& codes);

/// Codes [N, K] `times` as far from the painter's mean: stronger styles for times > 1.
Tensor exaggerated(const Network& painter, const Tensor& codes, double times);

/// Codes in (0, 1), as the critic answers them: σ((code − mean) / deviation) by the painter's statistics.
Tensor squashed(const Network& painter, const Tensor& codes);

}  // namespace atelier::methods::sketch_color
