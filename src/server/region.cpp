#include "server/region.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <opencv2/imgproc.hpp>
#include <set>

#include "atelier/error.h"
#include "server/growth.h"
#include "server/patches.h"

namespace atelier::server {
namespace {

constexpr int kSmallestSide = 16;
constexpr int kLargePatches = 16;      // along the longer side, when patches are asked for
constexpr int kSmallPatches = 56;      // when objects are made of them
constexpr double kBand = 0.025;        // half the band's width, of the longer side
constexpr int kRounds = 2;             // of GrabCut; it hardly moves after that
constexpr double kCutPixels = 50'000;  // that GrabCut looks at; larger regions are scaled down for it
constexpr int kSamples = 25;           // pixels that it needs to know what inside and outside look like
constexpr double kMostChange = 2;      // of the area: more means that colours do not tell the object apart

using Points = std::vector<cv::Point>;

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

cv::Mat widened(const cv::Mat& mask, int by) {
  cv::Mat wide;
  cv::dilate(mask, wide, cv::getStructuringElement(cv::MORPH_ELLIPSE, {2 * by + 1, 2 * by + 1}));
  return wide;
}

/// The parts of `inside` that hang together with one of the points.
cv::Mat connected_at(const cv::Mat& inside, const Points& points) {
  cv::Mat labels, kept(inside.size(), CV_8U, cv::Scalar(0));
  cv::connectedComponents(inside, labels, 4);
  for (const auto& point : points)
    if (inside.at<unsigned char>(point)) kept |= labels == labels.at<int>(point);
  return kept;
}

std::set<int> patches_at(const Patches& patches, const Points& points) {
  std::set<int> numbers;
  for (const auto& point : points) numbers.insert(patches.at(point));
  return numbers;
}

cv::Mat pixels_of(const Patches& patches, const std::vector<bool>& region) {
  cv::Mat inside(patches.labels.size(), CV_8U);
  for (int y = 0; y < inside.rows; ++y)
    for (int x = 0; x < inside.cols; ++x)
      inside.at<unsigned char>(y, x) = region[static_cast<std::size_t>(patches.labels.at<int>(y, x))] ? 255 : 0;
  return inside;
}

/// What grows from each of `seeds`, together.
cv::Mat grown(const Patches& patches, const std::set<int>& seeds, const std::set<int>& closed) {
  cv::Mat inside(patches.labels.size(), CV_8U, cv::Scalar(0));
  for (const int seed : seeds) inside |= pixels_of(patches, grown_region(patches, seed, closed));
  return inside;
}

/// What GrabCut may decide: a band along the outline of `inside`.
cv::Mat guess_of(const cv::Mat& inside, const cv::Mat& sure, int band) {
  cv::Mat guess(inside.size(), CV_8U, cv::Scalar(cv::GC_BGD));
  guess.setTo(cv::GC_PR_BGD, widened(inside, band));
  guess.setTo(cv::GC_PR_FGD, inside);
  guess.setTo(cv::GC_FGD, ~widened(~inside, std::max(1, band / 2)));
  guess.setTo(cv::GC_FGD, sure);
  return guess;
}

bool shows_both(const cv::Mat& guess) {
  const int inside = cv::countNonZero(guess & 1);  // GC_FGD and GC_PR_FGD
  return inside >= kSamples && static_cast<int>(guess.total()) - inside >= kSamples;
}

/// `guess` decided; at a smaller scale where it is large.
cv::Mat cut(cv::Mat picture, const cv::Mat& guess) {
  const double scale = std::min(1.0, std::sqrt(kCutPixels / static_cast<double>(guess.total())));
  cv::Mat scaled = guess.clone(), outside, within;
  cv::resize(picture, picture, {}, scale, scale, cv::INTER_AREA);
  cv::resize(guess, scaled, picture.size(), 0, 0, cv::INTER_NEAREST);
  if (!shows_both(scaled)) return guess & 1;
  cv::setRNGSeed(0);  // the colour models start from k-means
  cv::grabCut(picture, scaled, cv::Rect(), outside, within, kRounds, cv::GC_INIT_WITH_MASK);
  cv::Mat inside = 255 * (scaled & 1);
  cv::resize(inside, inside, guess.size(), 0, 0, cv::INTER_LINEAR);
  inside = inside > 127;
  inside.setTo(255, guess == cv::GC_FGD);
  inside.setTo(0, guess == cv::GC_BGD);
  return inside;
}

/// The outline of `inside` fitted to the picture.
cv::Mat fitted(const cv::Mat& picture, const cv::Mat& inside, const cv::Mat& sure) {
  const int band = std::max(2, static_cast<int>(kBand * std::max(picture.cols, picture.rows)));
  const cv::Rect box = cv::boundingRect(widened(inside, 2 * band));
  cv::Mat result(inside.size(), CV_8U, cv::Scalar(0));
  cut(picture(box), guess_of(inside, sure, band)(box)).copyTo(result(box));
  return result;
}

/// What is shown at points within one patch; nothing of `away`.
cv::Mat object_of(const cv::Mat& picture, const Patches& patches, const Points& points, const std::set<int>& closed,
                  const cv::Mat& away) {
  const cv::Mat inside = connected_at(grown(patches, patches_at(patches, points), closed) & ~away, points);
  cv::Mat sure(inside.size(), CV_8U, cv::Scalar(0));
  for (const auto& point : points) cv::circle(sure, point, 2, cv::Scalar(255), cv::FILLED);
  sure &= inside;
  const cv::Mat result = connected_at(fitted(picture, inside, sure) & ~away, points);
  const double before = cv::countNonZero(inside), after = cv::countNonZero(result);
  return after * kMostChange < before || before * kMostChange < after ? inside : result;
}

/// Each object is fitted by itself: with the water's colours among its own a stone in it would lose its outline.
cv::Mat objects_at(const cv::Mat& picture, const Points& wanted, const Points& unwanted) {
  const auto patches = cut_into_patches(picture, kSmallPatches);
  const auto seeds = patches_at(patches, wanted), others = patches_at(patches, unwanted);
  const cv::Mat away = grown(patches, others, seeds);
  cv::Mat all(picture.size(), CV_8U, cv::Scalar(0));
  for (const int seed : seeds) {
    require(!others.contains(seed), "two points so close are wanted and not wanted; leave one of them out");
    Points points;
    std::copy_if(wanted.begin(), wanted.end(), std::back_inserter(points),
                 [&](const cv::Point& point) { return patches.at(point) == seed; });
    all |= object_of(picture, patches, points, others, away);
  }
  return all;
}

cv::Mat superpixels_at(const cv::Mat& picture, const Points& wanted, const Points& unwanted) {
  const auto patches = cut_into_patches(picture, kLargePatches);
  std::vector<bool> region(patches.size());
  for (const int patch : patches_at(patches, wanted)) region[static_cast<std::size_t>(patch)] = true;
  for (const int patch : patches_at(patches, unwanted)) {
    require(!region[static_cast<std::size_t>(patch)],
            "one patch is wanted and not wanted; leave one of the points out");
  }
  return pixels_of(patches, region);
}

Points to_points(const Image& picture, const std::vector<Place>& places) {
  Points points;
  for (const auto& [x, y] : places) {
    require(x >= 0 && x <= 1 && y >= 0 && y <= 1, "the point lies outside the picture; give x and y from 0 to 1");
    points.emplace_back(std::min(picture.width - 1, static_cast<int>(x * picture.width)),
                        std::min(picture.height - 1, static_cast<int>(y * picture.height)));
  }
  return points;
}

}  // namespace

Image region_at(const Image& picture, const std::vector<Place>& wanted, const std::vector<Place>& unwanted,
                RegionShape shape) {
  require(!wanted.empty(), "no point was given; give one with x and y from 0 to 1");
  require(std::min(picture.width, picture.height) >= kSmallestSide,
          "the picture is too small for regions; use one of at least 16 pixels a side");
  const auto inside = to_points(picture, wanted), outside = to_points(picture, unwanted);
  const auto matrix = to_matrix(picture);
  return to_mask(shape == RegionShape::kObject ? objects_at(matrix, inside, outside)
                                               : superpixels_at(matrix, inside, outside));
}

}  // namespace atelier::server
