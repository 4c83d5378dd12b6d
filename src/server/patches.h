#pragma once
#include <cstddef>
#include <opencv2/core.hpp>
#include <vector>

namespace atelier::server {

/// A picture cut into patches of like colour, with who borders on whom.
struct Patches {
  /// Lightness and hues (CIE Lab) and roughness: Euclidean distances tell how different two patches look.
  using Look = cv::Vec4f;
  struct Border {
    int other = 0;   ///< the patch on the other side
    int length = 0;  ///< in pixels
  };

  cv::Mat labels;  ///< CV_32S, of the picture's size: the number of each pixel's patch, from 0
  std::vector<Look> looks;
  std::vector<int> pixels;
  std::vector<std::vector<Border>> borders;

  std::size_t size() const { return looks.size(); }
  int at(cv::Point point) const { return labels.at<int>(point); }
  double difference(int a, int b) const { return cv::norm(looks[a] - looks[b]); }
};

/// Cuts `picture` (CV_8UC3, RGB) by watershed from a grid of seeds, `along` of them along the longer side but none
/// closer than 4 pixels, each at the smoothest place of its cell. Watershed: Meyer, "Color image segmentation", 1992,
/// as in OpenCV.
Patches cut_into_patches(const cv::Mat& picture, int along);

}  // namespace atelier::server
