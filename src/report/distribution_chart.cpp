#include "report/distribution_chart.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/markup.h"
#include "media/contact_sheet.h"

namespace atelier {
namespace {

constexpr int kWidth = 1024, kHeight = 200;  // of the bars of one picture
constexpr double kTop = 22, kBottom = 30;    // room for words in an SVG panel

std::uint64_t highest(const Distribution& picture) {
  std::uint64_t most = 1;
  for (const auto& category : picture.categories) most = std::max(most, category.pixels);
  return most;
}

std::size_t occupied(const Distribution& picture) {
  return static_cast<std::size_t>(std::count_if(picture.categories.begin(), picture.categories.end(),
                                                [](const PixelCategory& category) { return category.pixels > 0; }));
}

std::string heading(const Distribution& picture) {
  return picture.name + ": pixels in " + std::to_string(occupied(picture)) + " of " +
         std::to_string(picture.categories.size()) + " categories, at most " + std::to_string(highest(picture));
}

constexpr const char* kAxis = "categories of 16 x 16 x 16 colours along the Z curve, black to white; height: pixels";

std::string bar(std::size_t place, const PixelCategory& category, std::size_t count, double scale, double top) {
  const double width = static_cast<double>(kWidth) / static_cast<double>(count);
  const double height = std::max(scale * static_cast<double>(category.pixels), 0.5);
  char text[160];
  std::snprintf(text, sizeof text,
                "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"#%02x%02x%02x\"/>",
                static_cast<double>(place) * width, top + kHeight - height, std::max(width, 1.0), height,
                category.colour[0], category.colour[1], category.colour[2]);
  return text;
}

std::string words(double y, const std::string& text) {
  return "<text x=\"2\" y=\"" + std::to_string(std::lround(y)) + "\">" + markup_escaped(text) + "</text>\n";
}

/// Where two categories share a column the higher one shows.
Image bars(const Distribution& picture) {
  Image image;
  image.width = kWidth;
  image.height = kHeight;
  image.rgb.assign(3 * image.pixels(), 0.96F);
  std::vector<const PixelCategory*> columns(kWidth, nullptr);
  for (std::size_t place = 0; place < picture.categories.size(); ++place) {
    const auto& category = picture.categories[place];
    auto& column = columns[place * kWidth / picture.categories.size()];
    if (category.pixels > 0 && (!column || column->pixels < category.pixels)) column = &category;
  }
  const double scale = kHeight / static_cast<double>(highest(picture));
  for (std::size_t x = 0; x < columns.size(); ++x) {
    if (!columns[x]) continue;
    const int height = std::max(1, static_cast<int>(std::lround(scale * static_cast<double>(columns[x]->pixels))));
    for (int y = kHeight - height; y < kHeight; ++y)
      for (std::size_t c = 0; c < 3; ++c)
        image.rgb[(static_cast<std::size_t>(y) * kWidth + x) * 3 + c] = static_cast<float>(columns[x]->colour[c]) / 255;
  }
  return image;
}

}  // namespace

std::string distribution_svg(const std::vector<Distribution>& pictures) {
  const double panel = kTop + kHeight + kBottom;
  const double height = panel * static_cast<double>(pictures.size());
  char opening[200];
  std::snprintf(opening, sizeof opening,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %.0f\" width=\"%d\" height=\"%.0f\" "
                "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%%\" height=\"100%%\" "
                "fill=\"#f6f6f4\"/>\n",
                kWidth, height, kWidth, height);
  std::string svg = opening;
  for (std::size_t p = 0; p < pictures.size(); ++p) {
    const double top = panel * static_cast<double>(p) + kTop;
    const auto& categories = pictures[p].categories;
    const double scale = kHeight / static_cast<double>(highest(pictures[p]));
    svg += words(top - 8, heading(pictures[p]));
    for (std::size_t place = 0; place < categories.size(); ++place)
      if (categories[place].pixels > 0) svg += bar(place, categories[place], categories.size(), scale, top) + "\n";
    svg += words(top + kHeight + 14, kAxis);
  }
  return svg + "</svg>\n";
}

Image distribution_picture(const std::vector<Distribution>& pictures) {
  std::vector<SheetCell> cells;
  for (const auto& picture : pictures) cells.push_back({heading(picture), bars(picture), "", {kAxis}});
  return contact_sheet(cells, {.columns = 1, .cell = kWidth});
}

}  // namespace atelier
