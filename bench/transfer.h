#pragma once
#include <string>
#include <vector>

#include "methods/model_iteration/reconstruction/decoders.h"

namespace atelier::bench {

/// Writes what the method paints with, "adain" or "wct", as all sides read it: levels.json with the transform, α, the
/// margin and the taps, deepest first; for each tap encoder-TAP and decoder-TAP, .safetensors and .onnx. The encoders
/// end at their taps.
/// @throws Error for another method.
void write_transfer(const std::string& method, const std::string& folder);

/// adain or wct for many photos and one painting, whose statistics are taken once: the steps of
/// reconstruction::paint_levels() at strength 50, with the functions that it calls.
class TransferPainter {
 public:
  /// @param folder    as write_transfer() wrote it.
  /// @param painting  [1, 3, h, w].
  TransferPainter(const std::string& folder, Precision precision, const Tensor& painting);

  /// @param photos  [N, 3, H, W]; sides above 32.
  /// @return        the same shape in [0, 1].
  Tensor paint(const Tensor& photos) const;

 private:
  Tensor paint(std::size_t level, const Tensor& padded) const;

  reconstruction::Transform transform_ = {};
  double alpha_ = 1;
  std::vector<reconstruction::Level> levels_;
  std::vector<reconstruction::StyleTarget> targets_;  ///< one per level
};

}  // namespace atelier::bench
