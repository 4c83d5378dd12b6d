#pragma once
#include <string>
#include <vector>

namespace atelier {

/// The yardstick of one result; see StyleYardstick.
struct FileScore {
  std::string result;
  double style_ratio = 0;
  double content = 0;
  std::vector<double> style_ratio_per_tap;  ///< relu1_1 … relu5_1
};

/// Scores results against the photo and the style they were made from, on the features of `encoder`
/// (a model name or weight file), everything at a longer side of `size` pixels.
/// @throws Error when a file cannot be read or a result has another shape than the photo.
std::vector<FileScore> evaluate_files(const std::string& photo, const std::string& style,
                                      const std::vector<std::string>& results, const std::string& encoder, int size);

}  // namespace atelier
