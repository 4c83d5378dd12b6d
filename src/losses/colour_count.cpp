#include "losses/colour_count.h"

#include <torch/torch.h>

#include <algorithm>

#include "atelier/error.h"
#include "palette/colour_moves.h"

namespace atelier::losses {
namespace {

constexpr double kLevels = 255;

/// [N, H, W, 3], bytes.
Tensor to_bytes(const Tensor& pictures) {
  require(pictures.dim() == 4 && pictures.size(1) == 3 && pictures.numel() > 0,
          "colour count: pictures must be [N, 3, H, W] with at least one pixel; check what is passed");
  const auto plain = pictures.detach().to(torch::kCPU, torch::kFloat);
  require(plain.isfinite().all().item<bool>(),
          "colour count: a picture holds values that are no numbers; lower the learning rate");
  return (plain.clamp(0, 1) * kLevels).round().to(torch::kByte).permute({0, 2, 3, 1}).contiguous();
}

std::span<const std::uint8_t> pixels_of(const Tensor& bytes, std::int64_t index) {
  const auto size = static_cast<std::size_t>(bytes.numel() / bytes.size(0));
  return {bytes.data_ptr<std::uint8_t>() + static_cast<std::size_t>(index) * size, size};
}

void check_counts(const Tensor& counts, std::int64_t pictures) {
  require(counts.defined() && counts.dim() == 1 && counts.size(0) == pictures,
          "colour count: there must be one number of colours per picture; take them by colour_counts()");
}

/// Writes the goals of one picture's pixels; both outputs are [H, W, 3 or 1], kFloat, contiguous.
void write_goals(std::span<const std::uint8_t> rgb, const std::vector<ColourMove>& moves, float* colours,
                 float* pulled) {
  for (std::size_t i = 0; i < rgb.size() / 3; ++i) {
    const Rgb8 colour = {rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]};
    const auto found = std::lower_bound(moves.begin(), moves.end(), colour,
                                        [](const ColourMove& move, const Rgb8& key) { return move.from < key; });
    if (found == moves.end() || found->from != colour) continue;
    pulled[i] = 1;
    for (std::size_t c = 0; c < 3; ++c) colours[3 * i + c] = static_cast<float>(found->to[c] / kLevels);
  }
}

bool lighter(const float* a, const float* b) {
  const auto luma = [](const float* rgb) { return 0.299F * rgb[0] + 0.587F * rgb[1] + 0.114F * rgb[2]; };
  return luma(a) < luma(b);
}

/// The same for pixels that part: in the order of their luma before rounding, and of their place where that is the
/// same, as many go to each of the colours.
void write_spread(std::span<const std::uint8_t> rgb, const ColourSpread& spread, float* colours, float* pulled) {
  std::vector<std::size_t> pixels;
  for (std::size_t i = 0; i < rgb.size() / 3; ++i)
    if (std::binary_search(spread.from.begin(), spread.from.end(), Rgb8{rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]}))
      pixels.push_back(i);
  std::stable_sort(pixels.begin(), pixels.end(),
                   [&](std::size_t a, std::size_t b) { return lighter(colours + 3 * a, colours + 3 * b); });
  for (std::size_t rank = 0; rank < pixels.size(); ++rank) {
    const auto& to = spread.to[rank * spread.to.size() / pixels.size()];
    pulled[pixels[rank]] = 1;
    for (std::size_t c = 0; c < 3; ++c) colours[3 * pixels[rank] + c] = static_cast<float>(to[c] / kLevels);
  }
}

}  // namespace

Tensor colour_counts(const Tensor& pictures, const DbscanOptions& options) {
  const auto bytes = to_bytes(pictures);
  auto counts = torch::empty({bytes.size(0)}, torch::kDouble);
  for (std::int64_t i = 0; i < bytes.size(0); ++i)
    counts[i] = static_cast<double>(count_colour_clusters(pixels_of(bytes, i), options));
  return counts;
}

Tensor colour_count_distance(const Tensor& made, const Tensor& wanted) {
  check_counts(made, made.defined() && made.dim() == 1 ? made.size(0) : -1);
  check_counts(wanted, made.size(0));
  return (made.to(torch::kDouble) - wanted.to(torch::kDouble)).abs().mean();
}

ColourGoals colour_goals(const Tensor& pictures, const Tensor& wanted, const DbscanOptions& options) {
  const auto bytes = to_bytes(pictures);
  check_counts(wanted, bytes.size(0));
  auto colours = pictures.detach().to(torch::kCPU, torch::kFloat).permute({0, 2, 3, 1}).contiguous().clone();
  auto pulled = torch::zeros({bytes.size(0), bytes.size(1), bytes.size(2), 1});
  auto counts = torch::empty({bytes.size(0)}, torch::kDouble);
  for (std::int64_t i = 0; i < bytes.size(0); ++i) {
    const auto rgb = pixels_of(bytes, i);
    const auto count = static_cast<std::size_t>(std::max(0.0, wanted[i].item<double>()));
    const auto moves = colour_moves(rgb, count, options);
    counts[i] = static_cast<double>(moves.count);
    const auto goals = colours[i].data_ptr<float>(), marks = pulled[i].data_ptr<float>();
    write_goals(rgb, moves.moves, goals, marks);
    if (!moves.spread.to.empty()) write_spread(rgb, moves.spread, goals, marks);
  }
  const auto as_pictures = [&](const Tensor& tensor) { return tensor.permute({0, 3, 1, 2}).to(pictures.options()); };
  return {counts, as_pictures(colours), as_pictures(pulled)};
}

Tensor colour_pull(const Tensor& pictures, const ColourGoals& goals, double eps) {
  require(pictures.sizes() == goals.colours.sizes() && eps > 0,
          "colour count: the goals are of another size than the pictures; take them from the same ones");
  const auto squared = ((pictures - goals.colours) * (kLevels / eps)).square().sum(1, true);
  const auto far = squared.clamp_min(1).sqrt() - 0.5;
  return (torch::where(squared < 1, squared / 2, far) * goals.pulled).mean();
}

Tensor soft_colour_count_loss(const Tensor& pictures, const Tensor& wanted, const DbscanOptions& options) {
  return colour_pull(pictures, colour_goals(pictures, wanted, options), options.eps);
}

}  // namespace atelier::losses
