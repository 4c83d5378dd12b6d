#include "metrics/psnr.h"

#include <cmath>

#include "metrics/plane.h"

namespace atelier {

double psnr(const Image& a, const Image& b) {
  require_comparable(a, b, "psnr");
  double sum = 0;
  for (std::size_t i = 0; i < a.rgb.size(); ++i) {
    const double difference = static_cast<double>(a.rgb[i]) - b.rgb[i];
    sum += difference * difference;
  }
  return -10 * std::log10(sum / static_cast<double>(a.rgb.size()));
}

}  // namespace atelier
