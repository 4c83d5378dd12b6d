#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "networks/network.h"

namespace atelier {

/// Spectral normalisation (Miyato et al., ICLR 2018): every convolution's weight, as a matrix [out, in · k · k], is
/// divided by its largest singular value, which is followed by power iteration while the network learns.
class SpectralNorm {
 public:
  /// Starts from random vectors, brought near by some iterations.
  explicit SpectralNorm(const Network& network, std::uint64_t seed = 0);

  /// `network`, the one given at the start or with newer parameters, with its convolutions' weights divided.
  /// Differentiable in the weights; the singular vectors count as constants.
  /// @param iterate  make one iteration before; false where the network must stay as it was.
  Network normalised(const Network& network, bool iterate);

  /// The vectors, for checkpoints; by their weights' names.
  std::vector<std::pair<std::string, Tensor>> state() const { return vectors_; }

 private:
  std::vector<std::pair<std::string, Tensor>> vectors_;  ///< [out] each, of length 1
};

}  // namespace atelier
