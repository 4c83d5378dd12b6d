#pragma once
#include <string>

#include "tensor/tensor.h"

namespace atelier {

struct GoldenOptions {
  /// The least peak signal-to-noise ratio against the stored 8-bit picture, in dB. 45 leaves room for another
  /// compiler or instruction set and none for a visible change.
  double psnr_db = 45;
  /// The folder of the stored picture, from the root of the sources.
  std::string folder = "tests/fixtures/golden";
};

/// Fails the running test unless `actual` looks like the stored picture `name` (a PNG).
///
/// On failure the actual picture is left as golden/NAME in the current (build) folder, and the message names the
/// worst pixel. A missing golden fails too. With UPDATE_GOLDEN=1 in the environment the stored picture is rewritten
/// instead: look at it, and say in the commit why it changed.
///
/// @param actual  [1, 3, H, W] in [0, 1].
void expect_golden(const std::string& name, const Tensor& actual, const GoldenOptions& options = {});

}  // namespace atelier
