#include "training/faint_noise.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include <vector>

#include "core/random.h"

namespace atelier {
namespace {

constexpr double kStrongest = 3.0 / 255;
constexpr double kBands = 0.3;  ///< share of pictures whose cells are whole rows or columns

std::int64_t cell_side(Random& random) { return std::int64_t{1} << std::uniform_int_distribution<int>(0, 3)(random); }

/// [1, 3, height, width], one value per cell.
Tensor noise_of_cells(std::int64_t height, std::int64_t width, Random& random) {
  const double deviation = std::uniform_real_distribution<double>(0, kStrongest)(random);
  auto cell_height = cell_side(random), cell_width = cell_side(random);
  const double kind = std::uniform_real_distribution<double>(0, 1)(random);
  if (kind < kBands / 2)
    cell_height = height;
  else if (kind < kBands)
    cell_width = width;
  const auto cells = [](std::int64_t side, std::int64_t cell) { return (side + cell - 1) / cell; };
  const auto noise = torch::normal(0.0, deviation, {1, 3, cells(height, cell_height), cells(width, cell_width)},
                                   at::detail::createCPUGenerator(random()));
  return noise.repeat_interleave(cell_height, 2)
      .repeat_interleave(cell_width, 3)
      .narrow(2, 0, height)
      .narrow(3, 0, width);
}

}  // namespace

Tensor with_faint_noise(const Tensor& pictures, std::uint64_t seed) {
  auto random = seeded(seed, 0xfa197u);
  std::vector<Tensor> noise;
  for (std::int64_t i = 0; i < pictures.size(0); ++i)
    noise.push_back(noise_of_cells(pictures.size(2), pictures.size(3), random));
  return (pictures + torch::cat(noise).to(pictures.device())).clamp(0, 1);
}

}  // namespace atelier
