#include "evaluation/evaluate_files.h"

#include "evaluation/style_yardstick.h"
#include "media/image_file.h"
#include "tensor/image_tensor.h"

namespace atelier {

std::vector<FileScore> evaluate_files(const std::string& photo, const std::string& style,
                                      const std::vector<std::string>& results, const std::string& encoder, int size) {
  const auto features = open_encoder(encoder, {.precision = Precision::kFloat32});
  const auto photo_tensor = to_tensor(read_image(photo)), style_tensor = to_tensor(read_image(style));
  std::vector<FileScore> scores;
  for (const auto& result : results) {
    const auto measured = measure_style(*features, to_tensor(read_image(result)), photo_tensor, style_tensor, size);
    scores.push_back({result, measured.style_ratio, measured.content, measured.style_ratio_per_tap});
  }
  return scores;
}

}  // namespace atelier
