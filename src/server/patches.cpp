#include "server/patches.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <opencv2/imgproc.hpp>

namespace atelier::server {
namespace {

constexpr double kClosestSeeds = 4;
constexpr float kLightness = 0.7F;  // shadows run over an object more often than hues change in it

/// How much the picture changes at each pixel, CV_32F.
cv::Mat steepness(const cv::Mat& picture) {
  cv::Mat grey, dx, dy, steep;
  cv::cvtColor(picture, grey, cv::COLOR_RGB2GRAY);
  cv::Sobel(grey, dx, CV_32F, 1, 0);
  cv::Sobel(grey, dy, CV_32F, 0, 1);
  cv::magnitude(dx, dy, steep);
  return steep;
}

/// Puts numbers from 1 at the seeds, 0 elsewhere. @return how many there are.
int sow(const cv::Mat& picture, int along, cv::Mat& numbers) {
  numbers = cv::Mat::zeros(picture.size(), CV_32S);
  const cv::Mat steep = steepness(picture);
  const cv::Rect all({0, 0}, picture.size());
  const double step = std::max(kClosestSeeds, static_cast<double>(std::max(picture.cols, picture.rows)) / along);
  const int reach = static_cast<int>(step / 4);
  int count = 0;
  for (double y = step / 2; y < picture.rows; y += step)
    for (double x = step / 2; x < picture.cols; x += step) {
      const cv::Point middle(static_cast<int>(x), static_cast<int>(y)), corner(reach, reach);
      const cv::Rect cell = cv::Rect(middle - corner, middle + corner + cv::Point(1, 1)) & all;
      cv::Point smoothest;
      cv::minMaxLoc(steep(cell), nullptr, nullptr, &smoothest, nullptr);
      numbers.at<int>(smoothest + cell.tl()) = ++count;
    }
  return count;
}

/// The number of a patch beside a pixel; nothing above 0 when there is none.
int beside(const cv::Mat& labels, int x, int y) {
  if (x > 0 && labels.at<int>(y, x - 1) > 0) return labels.at<int>(y, x - 1);
  if (y > 0 && labels.at<int>(y - 1, x) > 0) return labels.at<int>(y - 1, x);
  if (x + 1 < labels.cols && labels.at<int>(y, x + 1) > 0) return labels.at<int>(y, x + 1);
  return y + 1 < labels.rows ? labels.at<int>(y + 1, x) : 0;
}

/// Gives the pixels on seams (-1) to a patch beside them.
void close_seams(cv::Mat& labels) {
  for (bool open = true; open;) {
    open = false;
    const cv::Mat before = labels.clone();
    for (int y = 0; y < labels.rows; ++y)
      for (int x = 0; x < labels.cols; ++x) {
        if (before.at<int>(y, x) <= 0) labels.at<int>(y, x) = beside(before, x, y);
        open = open || labels.at<int>(y, x) <= 0;
      }
  }
}

void measure_looks(const cv::Mat& picture, Patches& patches) {
  cv::Mat exact, lab;
  picture.convertTo(exact, CV_32F, 1.0 / 255);
  cv::cvtColor(exact, lab, cv::COLOR_RGB2Lab);
  std::vector<cv::Vec3d> sums(patches.size());
  std::vector<double> squares(patches.size());
  for (int y = 0; y < lab.rows; ++y)
    for (int x = 0; x < lab.cols; ++x) {
      const auto patch = static_cast<std::size_t>(patches.labels.at<int>(y, x));
      const auto& colour = lab.at<cv::Vec3f>(y, x);
      sums[patch] += colour;
      squares[patch] += colour[0] * colour[0];
      ++patches.pixels[patch];
    }
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const double count = patches.pixels[i];
    const auto mean = sums[i] / count;
    const double spread = std::sqrt(std::max(0.0, squares[i] / count - mean[0] * mean[0]));
    patches.looks[i] = {kLightness * static_cast<float>(mean[0]), static_cast<float>(mean[1]),
                        static_cast<float>(mean[2]), kLightness * static_cast<float>(spread)};
  }
}

void find_borders(Patches& patches) {
  std::vector<std::map<int, int>> lengths(patches.size());
  const auto touch = [&](int a, int b) {
    if (a == b) return;
    ++lengths[static_cast<std::size_t>(a)][b];
    ++lengths[static_cast<std::size_t>(b)][a];
  };
  const cv::Mat& labels = patches.labels;
  for (int y = 0; y < labels.rows; ++y)
    for (int x = 0; x < labels.cols; ++x) {
      if (x + 1 < labels.cols) touch(labels.at<int>(y, x), labels.at<int>(y, x + 1));
      if (y + 1 < labels.rows) touch(labels.at<int>(y, x), labels.at<int>(y + 1, x));
    }
  for (std::size_t i = 0; i < lengths.size(); ++i)
    for (const auto& [other, length] : lengths[i]) patches.borders[i].push_back({other, length});
}

}  // namespace

Patches cut_into_patches(const cv::Mat& picture, int along) {
  cv::Mat smooth;
  cv::medianBlur(picture, smooth, 5);
  Patches patches;
  const auto count = static_cast<std::size_t>(sow(smooth, along, patches.labels));
  cv::watershed(smooth, patches.labels);
  close_seams(patches.labels);
  patches.labels -= 1;
  patches.looks.resize(count);
  patches.pixels.resize(count);
  patches.borders.resize(count);
  measure_looks(smooth, patches);
  find_borders(patches);
  return patches;
}

}  // namespace atelier::server
