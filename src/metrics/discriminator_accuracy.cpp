#include "metrics/discriminator_accuracy.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "atelier/error.h"

namespace atelier {
namespace {

double share_above(std::span<const double> scores, double threshold) {
  const auto above = std::count_if(scores.begin(), scores.end(), [&](double score) { return score > threshold; });
  return static_cast<double>(above) / static_cast<double>(scores.size());
}

bool sound(std::span<const double> scores) {
  return !scores.empty() &&
         std::all_of(scores.begin(), scores.end(), [](double score) { return std::isfinite(score); });
}

/// Scores in order, each with what passing it upwards adds to the accuracy.
std::vector<std::pair<double, double>> sorted_gains(std::span<const double> real, std::span<const double> fake) {
  std::vector<std::pair<double, double>> gains;
  for (const double score : real) gains.emplace_back(score, -0.5 / static_cast<double>(real.size()));
  for (const double score : fake) gains.emplace_back(score, 0.5 / static_cast<double>(fake.size()));
  std::sort(gains.begin(), gains.end());
  return gains;
}

}  // namespace

DiscriminatorAccuracy discriminator_accuracy(std::span<const double> real, std::span<const double> fake,
                                             double threshold) {
  require(
      sound(real) && sound(fake),
      "discriminator accuracy needs a finite score of at least one real and one painted picture; score more pictures");
  DiscriminatorAccuracy result;
  result.real = share_above(real, threshold);
  result.fake = 1 - share_above(fake, threshold);
  result.accuracy = (result.real + result.fake) / 2;
  const auto gains = sorted_gains(real, fake);
  double accuracy = 0.5;  // with a threshold below all scores
  result.best_accuracy = accuracy;
  result.best_threshold = gains.front().first - 1;
  for (std::size_t i = 0; i < gains.size(); ++i) {
    accuracy += gains[i].second;
    const bool last = i + 1 == gains.size();
    if (!last && gains[i + 1].first == gains[i].first) continue;  // no threshold lies between equal scores
    if (accuracy <= result.best_accuracy + 1e-12) continue;
    result.best_accuracy = accuracy;
    result.best_threshold = last ? gains[i].first + 1 : (gains[i].first + gains[i + 1].first) / 2;
  }
  return result;
}

}  // namespace atelier
