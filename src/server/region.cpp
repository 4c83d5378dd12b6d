#include "server/region.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "atelier/error.h"

namespace atelier::server {
namespace {

constexpr int kSmallestSide = 16;
constexpr int kRounds = 4;              // of GrabCut; it hardly moves after that
constexpr double kSureDisc = 0.03;      // radius of what is surely the object, of the shorter side
constexpr double kProbableDisc = 0.25;  // and of what probably is
constexpr double kPatches = 16;         // seeds along the longer side

cv::Mat to_matrix(const Image& image) {
  cv::Mat matrix(image.height, image.width, CV_8UC3);
  for (std::size_t i = 0; i < image.rgb.size(); ++i)
    matrix.data[i] = static_cast<unsigned char>(std::lround(std::clamp(image.rgb[i], 0.F, 1.F) * 255));
  return matrix;
}

Image to_mask(const cv::Mat& inside) {
  Image mask;
  mask.width = inside.cols;
  mask.height = inside.rows;
  mask.rgb.reserve(3 * mask.pixels());
  for (int y = 0; y < inside.rows; ++y)
    for (int x = 0; x < inside.cols; ++x)
      mask.rgb.insert(mask.rgb.end(), 3, inside.at<unsigned char>(y, x) ? 1.F : 0.F);
  return mask;
}

/// The part of `inside` that hangs together with the point.
cv::Mat connected_at(const cv::Mat& inside, cv::Point point) {
  cv::Mat labels;
  cv::connectedComponents(inside, labels, 4);
  return labels == labels.at<int>(point);
}

cv::Mat object_at(const cv::Mat& picture, cv::Point point) {
  const int shorter = std::min(picture.cols, picture.rows);
  cv::Mat guess(picture.size(), CV_8U, cv::Scalar(cv::GC_PR_BGD));
  cv::rectangle(guess, {0, 0}, {guess.cols - 1, guess.rows - 1}, cv::Scalar(cv::GC_BGD));
  cv::circle(guess, point, std::max(2, static_cast<int>(kProbableDisc * shorter)), cv::Scalar(cv::GC_PR_FGD),
             cv::FILLED);
  cv::circle(guess, point, std::max(1, static_cast<int>(kSureDisc * shorter)), cv::Scalar(cv::GC_FGD), cv::FILLED);
  cv::Mat background, foreground;
  cv::setRNGSeed(0);  // the colour models start from k-means
  cv::grabCut(picture, guess, cv::Rect(), background, foreground, kRounds, cv::GC_INIT_WITH_MASK);
  const cv::Mat inside = (guess == cv::GC_FGD) | (guess == cv::GC_PR_FGD);
  return connected_at(inside, point);
}

cv::Mat superpixel_at(const cv::Mat& picture, cv::Point point) {
  cv::Mat smooth, labels = cv::Mat::zeros(picture.size(), CV_32S);
  cv::medianBlur(picture, smooth, 5);
  const double step = std::max(picture.cols, picture.rows) / kPatches;
  int seeds = 0;
  for (double y = step / 2; y < picture.rows; y += step)
    for (double x = step / 2; x < picture.cols; x += step)
      labels.at<int>(static_cast<int>(y), static_cast<int>(x)) = ++seeds;
  cv::watershed(smooth, labels);
  const auto near = [&](cv::Point at) {  // -1 stands on the seams between patches
    for (int reach = 0; reach < 4; ++reach)
      for (int dy = -reach; dy <= reach; ++dy)
        for (int dx = -reach; dx <= reach; ++dx) {
          const cv::Point other(std::clamp(at.x + dx, 0, labels.cols - 1), std::clamp(at.y + dy, 0, labels.rows - 1));
          if (labels.at<int>(other) > 0) return labels.at<int>(other);
        }
    return 1;
  };
  cv::Mat inside = labels == near(point);
  cv::dilate(inside, inside, cv::Mat());  // over the seam
  return inside;
}

}  // namespace

Image region_at(const Image& picture, double x, double y, RegionShape shape) {
  require(x >= 0 && x <= 1 && y >= 0 && y <= 1, "the point lies outside the picture; give x and y from 0 to 1");
  require(std::min(picture.width, picture.height) >= kSmallestSide,
          "the picture is too small for regions; use one of at least 16 pixels a side");
  const auto matrix = to_matrix(picture);
  const cv::Point point(std::min(picture.width - 1, static_cast<int>(x * picture.width)),
                        std::min(picture.height - 1, static_cast<int>(y * picture.height)));
  return to_mask(shape == RegionShape::kObject ? object_at(matrix, point) : superpixel_at(matrix, point));
}

}  // namespace atelier::server
