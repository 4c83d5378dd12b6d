#include "stylize/pictures.h"

#include <algorithm>
#include <cmath>

#include "atelier/error.h"
#include "media/image_file.h"
#include "stylize/style_source.h"
#include "tensor/colour_control.h"
#include "tensor/image_tensor.h"
#include "tensor/resize.h"

namespace atelier {
namespace {

/// Encoders halve a picture up to four times; below this nothing is left to look at.
constexpr std::int64_t kShortestSide = 16;

std::string size_text(std::int64_t width, std::int64_t height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

Image read(const Request& request, const std::string& file, int longer_side) {
  ReadOptions options;
  options.max_pixels = request.max_pixels;
  options.max_side = longer_side;
  return read_image(file, options);
}

/// One plane [1, 1, H, W] from values in reading order, and back.
Tensor to_plane(const std::vector<float>& values, int height, int width) {
  const auto flat = torch::from_blob(const_cast<float*>(values.data()), {1, 1, height, width}, torch::kFloat);
  return flat.clone();
}

std::vector<float> from_plane(const Tensor& plane) {
  const auto flat = plane.clamp(0, 1).contiguous();
  const float* values = flat.data_ptr<float>();
  return {values, values + flat.numel()};
}

/// `image` with its longer side at `longer_side` pixels; 0 keeps the size.
Image fitted(Image image, int longer_side) {
  if (longer_side == 0 || std::max(image.width, image.height) == longer_side) return image;
  Image result = to_image(fit_longer_side(to_tensor(image), longer_side));
  if (image.has_alpha())
    result.alpha = from_plane(
        resize(to_plane(image.alpha, image.height, image.width), result.height, result.width, Filter::kBilinear));
  result.bits = image.bits;
  result.metadata = std::move(image.metadata);
  return result;
}

Image read_fitted(const Request& request, const std::string& file, int longer_side, const std::string& option) {
  Image image = fitted(read(request, file, longer_side), longer_side);
  require(std::min(image.width, image.height) >= kShortestSide,
          "\"" + file + "\" would be worked on at " + size_text(image.width, image.height) + " pixels; give a larger " +
              option + " so that the shorter side has at least " + std::to_string(kShortestSide));
  return image;
}

/// White where the style applies, at the photo's working size.
Tensor read_mask(const Request& request, const std::string& file, const Image& photo) {
  const Image mask = read(request, file, 0);
  const double shape = static_cast<double>(mask.width) / mask.height * photo.height / photo.width;
  require(std::abs(std::log(shape)) < 0.02,
          "mask \"" + file + "\" is " + size_text(mask.width, mask.height) + ", of another shape than the photo (" +
              size_text(photo.width, photo.height) + "); draw the mask on a copy of the photo");
  const Tensor plane = resize(to_tensor(mask).mean(1, true), photo.height, photo.width, Filter::kBilinear);
  require(plane.max().item<float>() > 0,
          "mask \"" + file + "\" is black everywhere; paint the region of the style white");
  return plane.clamp(0, 1);
}

}  // namespace

Pictures read_pictures(const Request& request) {
  Pictures pictures;
  pictures.photo = read_fitted(request, request.content, request.size, "--size");
  pictures.content = to_tensor(pictures.photo);
  const int photo_side = std::max(pictures.photo.width, pictures.photo.height);
  const int style_side = request.style_size ? request.style_size : photo_side;
  for (const auto& wanted : request.styles) {
    const auto source = find_style_source(wanted.source);
    Style style;
    style.weight = wanted.weight;
    style.model = source.model;
    style.entry = source.entry;
    if (!source.is_model()) style.picture = to_tensor(read_fitted(request, source.picture, style_side, "--style-size"));
    if (!wanted.mask.empty()) style.mask = read_mask(request, wanted.mask, pictures.photo);
    pictures.styles.push_back(std::move(style));
  }
  return pictures;
}

Inputs method_inputs(const Request& request, const Pictures& pictures) {
  const auto mode = colour::parse_mode(request.colour);
  Inputs inputs;
  inputs.content = colour::prepare_content(mode, pictures.content);
  inputs.styles = pictures.styles;
  for (auto& style : inputs.styles)
    if (style.picture.defined()) style.picture = colour::prepare_style(mode, style.picture, pictures.content);
  inputs.strength = request.strength;
  inputs.seed = request.seed;
  inputs.encoder = request.encoder;
  inputs.precision = request.precision;
  inputs.checkpoint = request.checkpoint;
  inputs.keep_best_on_stop = request.keep_best_on_stop;
  return inputs;
}

Image finished_picture(const Request& request, const Pictures& pictures, const Image& painted) {
  const Tensor colours = to_tensor(painted);
  // A preview may be of a smaller scale than the result.
  const Tensor content = resize_picture(pictures.content, colours.size(2), colours.size(3));
  const bool prepared = std::all_of(pictures.styles.begin(), pictures.styles.end(),
                                    [](const auto& style) { return style.picture.defined(); });
  Image result = to_image(colour::finish(colour::parse_mode(request.colour), colours, content, prepared));
  if (result.pixels() == pictures.photo.pixels()) result.alpha = pictures.photo.alpha;
  result.bits = pictures.photo.bits;
  result.metadata = pictures.photo.metadata;
  return result;
}

}  // namespace atelier
