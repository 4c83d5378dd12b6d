#include "filters/cartoon.h"

#include <algorithm>
#include <array>
#include <map>

#include "atelier/error.h"
#include "filters/bilateral.h"
#include "filters/line_drawing.h"
#include "palette/kmeans.h"

namespace atelier {
namespace {

constexpr std::size_t kSpeck = 12;  // pixels
constexpr Rgb8 kInk{24, 20, 28};    // warm black
constexpr double kDarker = -0.012;  // of the range of luma; keeps the grain of photos out

/// Calls visit(neighbour) for the pixels left, right, above and below of pixel i.
template <class Visit>
void around(std::size_t i, int width, std::size_t count, Visit visit) {
  const auto w = static_cast<std::size_t>(width);
  if (i % w > 0) visit(i - 1);
  if (i % w + 1 < w) visit(i + 1);
  if (i >= w) visit(i - w);
  if (i + w < count) visit(i + w);
}

/// Areas of one label that have fewer than kSpeck pixels take the label that most of their neighbours have.
/// @param which  only areas of this label; a negative one: of any.
void remove_specks(std::vector<std::int32_t>& labels, int width, std::int32_t which) {
  std::vector<bool> seen(labels.size(), false);
  std::vector<std::size_t> area;
  for (std::size_t start = 0; start < labels.size(); ++start) {
    const auto label = labels[start];
    if (seen[start] || (which >= 0 && label != which)) continue;
    area.assign(1, start);
    seen[start] = true;
    std::map<std::int32_t, int> borders;
    for (std::size_t next = 0; next < area.size(); ++next)
      around(area[next], width, labels.size(), [&](std::size_t other) {
        if (labels[other] != label)
          ++borders[labels[other]];
        else if (!seen[other])
          seen[other] = true, area.push_back(other);
      });
    if (area.size() >= kSpeck || borders.empty()) continue;
    const auto most = std::max_element(borders.begin(), borders.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    for (const auto i : area) labels[i] = most->first;
  }
}

std::vector<std::int32_t> ink_lines(const Image& image, double sigma) {
  const auto difference = lightness_of_lines(image, sigma).values;
  std::vector<std::int32_t> ink(difference.size());
  for (std::size_t i = 0; i < ink.size(); ++i) ink[i] = difference[i] < kDarker ? 1 : 0;
  return ink;
}

Rgb8 rounded(const std::array<double, 3>& mean) {
  Rgb8 rgb{};
  for (std::size_t c = 0; c < 3; ++c) rgb[c] = static_cast<std::uint8_t>(mean[c] + 0.5);
  return rgb;
}

}  // namespace

Image cartoon(const Image& image, const CartoonOptions& options) {
  require(image.pixels() > 0, "the picture has no pixels; give a whole picture");
  require(options.colours >= 2 && options.colours <= 256, "the number of colours is out of range; give 2 to 256");
  require(options.line_width >= 0.3 && options.line_width <= 10, "the line width is out of range; give 0.3 to 10");
  const auto smooth = bilateral(image);
  const auto pixels = to_bytes(smooth);
  const int paints = options.colours - (options.ink ? 1 : 0);
  const auto found = kmeans_colours(pixels, {paints, ColourSpace::kLab, options.seed});
  auto labels = pixel_labels(pixels, found);
  remove_specks(labels, image.width, -1);
  auto ink = options.ink ? ink_lines(smooth, options.line_width) : std::vector<std::int32_t>(labels.size(), 0);
  remove_specks(ink, image.width, 1);
  std::vector<Rgb8> colours;
  for (const auto& cluster : found.clusters) colours.push_back(rounded(cluster.mean));
  Image result;
  result.width = image.width;
  result.height = image.height;
  result.rgb.reserve(3 * labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i)
    for (const auto value : ink[i] ? kInk : colours[static_cast<std::size_t>(labels[i])])
      result.rgb.push_back(static_cast<float>(value) / 255);
  return result;
}

}  // namespace atelier
