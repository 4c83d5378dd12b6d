#pragma once
#include <span>

namespace atelier {

/// How well a discriminator tells real pictures from painted ones.
struct DiscriminatorAccuracy {
  double real = 0;            ///< share of real pictures scored above the threshold
  double fake = 0;            ///< share of painted pictures scored at or below it
  double accuracy = 0;        ///< mean of the two, whatever the numbers of pictures: 0.5 is guessing
  double best_accuracy = 0;   ///< of the threshold that serves best
  double best_threshold = 0;  ///< half-way between two scores
};

/// Judges a discriminator on pictures that it was not trained on. A generator has succeeded when accuracy is near 0.5
/// although best_accuracy is too; a high best_accuracy means that the two kinds still can be told apart and only the
/// scores are shifted.
///
/// @param real, fake   scores, higher is more real; the mean over patches for a discriminator of patches.
/// @param threshold    0.5 for probabilities and for least-squares GANs (targets 0 and 1), 0 for logits and hinge.
/// @throws Error       when a list is empty or a score is no number.
DiscriminatorAccuracy discriminator_accuracy(std::span<const double> real, std::span<const double> fake,
                                             double threshold = 0.5);

}  // namespace atelier
