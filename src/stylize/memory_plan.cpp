#include "stylize/memory_plan.h"

#include <algorithm>
#include <cmath>

#include "media/picture_size.h"
#include "methods/method.h"
#include "stylize/style_source.h"
#include "weights/mapped_file.h"

namespace atelier {
namespace {

/// Copies of a picture that reading, colour control and writing hold at once: as floats, three channels.
constexpr std::size_t kCopies = 8;

/// Of the shape that the file's picture will have at `longer_side`, without memory of its own.
Tensor shape_of(const std::string& file, int longer_side, std::uint64_t max_pixels) {
  const MappedFile bytes(file);
  ReadOptions options;
  options.max_pixels = max_pixels;
  const auto size = picture_size(bytes.bytes(), file, options);
  const double scale = longer_side == 0 ? 1.0 : static_cast<double>(longer_side) / std::max(size.width, size.height);
  const auto side = [&](int pixels) { return std::max<std::int64_t>(1, std::llround(pixels * scale)); };
  return at::zeros({1, 1, 1, 1}, at::kFloat).expand({1, 3, side(size.height), side(size.width)});
}

}  // namespace

std::size_t needed_memory(const Method& method, const Inputs& inputs) {
  auto numbers = inputs.content.numel();
  for (const auto& style : inputs.styles)
    if (style.picture.defined()) numbers += style.picture.numel();
  return static_cast<std::size_t>(numbers) * sizeof(float) * kCopies + method.memory_forecast(inputs);
}

std::size_t planned_memory(const Request& request) {
  Inputs inputs;
  inputs.content = shape_of(request.content, request.size, request.max_pixels);
  const auto longer = static_cast<int>(std::max(inputs.content.size(2), inputs.content.size(3)));
  for (const auto& wanted : request.styles) {
    const auto source = find_style_source(wanted.source);
    Style style;
    style.weight = wanted.weight;
    style.model = source.model;
    style.entry = source.entry;
    if (!source.is_model())
      style.picture = shape_of(source.picture, request.style_size ? request.style_size : longer, request.max_pixels);
    inputs.styles.push_back(style);
  }
  inputs.strength = request.strength;
  inputs.encoder = request.encoder;
  inputs.precision = request.precision;
  const MethodInfo& info = find_method(chosen_method(request));
  return needed_memory(*info.make(Values(info.options, request.options)), inputs);
}

}  // namespace atelier
