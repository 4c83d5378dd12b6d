#include "media/contact_sheet.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vips/vips8>

#include "atelier/error.h"
#include "core/markup.h"
#include "core/printable.h"
#include "media/vips_pixels.h"
#include "media/vips_runtime.h"

namespace atelier {
namespace {

using vips::VImage;

constexpr int kGap = 12, kTextGap = 4;
constexpr const char *kLabelFont = "sans bold 10", *kFigureFont = "sans 9";

VImage white(int width, int height) {
  return (VImage::black(width, height, VImage::option()->set("bands", 3)) + 255).cast(VIPS_FORMAT_UCHAR);
}

/// Dark words on white, at most `width` wide; a line that is longer wraps.
VImage words(const std::string& text, const char* font, int width) {
  const VImage ink = VImage::text(
      markup_escaped(one_line_utf8(text, text.size())).c_str(),
      VImage::option()->set("font", font)->set("width", width)->set("dpi", 96)->set("wrap", VIPS_TEXT_WRAP_WORD_CHAR));
  const VImage dark = (255 - ink * 0.85).cast(VIPS_FORMAT_UCHAR);
  const VImage cut = dark.crop(0, 0, std::min(dark.width(), width), dark.height());
  return VImage::bandjoin({cut, cut, cut});
}

/// In memory of its own, at most `side` wide and high.
VImage shown(const Image& image, int side) {
  std::vector<std::uint8_t> samples(image.rgb.size());
  std::transform(image.rgb.begin(), image.rgb.end(), samples.begin(), [](float value) {
    return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0F, 1.0F) * 255));
  });
  const VImage whole = image_over(samples, image.width, image.height, 3);
  return whole.thumbnail_image(side, VImage::option()->set("height", side)->set("size", VIPS_SIZE_DOWN)).copy_memory();
}

/// The parts of a cell, from top to bottom.
std::vector<VImage> parts_of(const SheetCell& cell, int side) {
  std::vector<VImage> parts;
  if (!cell.label.empty()) parts.push_back(words(cell.label, kLabelFont, side));
  if (cell.picture.pixels() > 0)
    parts.push_back(shown(cell.picture, side));
  else if (!cell.note.empty())
    parts.push_back(words(cell.note, kFigureFont, side));
  for (const auto& figure : cell.figures)
    if (!figure.empty()) parts.push_back(words(figure, kFigureFont, side));
  return parts;
}

VImage stacked(const std::vector<VImage>& parts, int side) {
  int height = 1;
  for (const auto& part : parts) height += part.height() + kTextGap;
  VImage cell = white(side, height);
  int top = 0;
  for (const auto& part : parts) {
    cell = cell.insert(part, 0, top);
    top += part.height() + kTextGap;
  }
  return cell;
}

VImage arranged(const std::vector<VImage>& cells, const SheetLayout& layout) {
  std::vector<int> tops = {kGap};
  const auto columns = static_cast<std::size_t>(layout.columns);
  for (std::size_t first = 0; first < cells.size(); first += columns) {
    int height = 0;
    for (std::size_t i = first; i < std::min(first + columns, cells.size()); ++i)
      height = std::max(height, cells[i].height());
    tops.push_back(tops.back() + height + kGap);
  }
  VImage sheet = white(kGap + layout.columns * (layout.cell + kGap), tops.back());
  for (std::size_t i = 0; i < cells.size(); ++i)
    sheet = sheet.insert(cells[i], kGap + static_cast<int>(i % columns) * (layout.cell + kGap), tops[i / columns]);
  return sheet;
}

Image to_image(const VImage& picture) {
  const auto samples = pixels_of<std::uint8_t>(picture);
  Image image;
  image.width = picture.width();
  image.height = picture.height();
  image.rgb.reserve(samples.size());
  for (const auto sample : samples) image.rgb.push_back(static_cast<float>(sample) / 255);
  return image;
}

}  // namespace

Image contact_sheet(const std::vector<SheetCell>& cells, const SheetLayout& layout) {
  require(!cells.empty(), "a contact sheet needs at least one picture; give some");
  require(layout.columns >= 1 && layout.columns <= 64 && layout.cell >= 64 && layout.cell <= 2048,
          "a contact sheet has 1 to 64 columns of 64 to 2048 pixels; change the layout");
  start_vips();
  try {
    std::vector<VImage> drawn;
    for (const auto& cell : cells) drawn.push_back(stacked(parts_of(cell, layout.cell), layout.cell));
    return to_image(arranged(drawn, layout));
  } catch (const vips::VError& error) {
    vips_error_clear();
    throw Error("cannot draw the contact sheet (" + first_line(error.what()) + "); install a font, for instance DejaVu",
                ErrorKind::kFailure);
  }
}

}  // namespace atelier
