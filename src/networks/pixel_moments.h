#pragma once
#include <vector>

#include "networks/pixel_norm.h"

namespace atelier {

/// Number, mean and summed squared deviations of values.
struct Moments {
  double count = 0, mean = 0, squares = 0;

  /// Of both together (Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm …", 1979).
  void add(const Moments& other);
  /// 1 / √(variance + epsilon).
  double inverse_deviation(double epsilon) const;
};

/// Of pictures [N, C, h, w] with channels last: N · C, those of all channels being the same where they are taken over
/// all. They do not depend on the number of threads.
std::vector<Moments> moments_of_pixels(const Tensor& x, NormOver over);

/// norm_of_pixels() by moments that are known.
Tensor norm_by_moments(const Tensor& x, const std::vector<Moments>& moments, const Tensor& weight, const Tensor& bias,
                       double epsilon, bool overwrite);

}  // namespace atelier
