#include "training/adversarial/history_pool.h"

#include <torch/torch.h>

#include "atelier/error.h"
#include "core/random.h"

namespace atelier {

HistoryPool::HistoryPool(std::int64_t size, std::int64_t side)
    : kept_(torch::zeros({size, 3, side, side}, torch::kHalf)), filled_(torch::zeros({1})) {}

Tensor HistoryPool::exchange(const Tensor& pictures, std::uint64_t seed) {
  const torch::NoGradGuard no_grad;
  const auto size = kept_.size(0);
  if (size == 0) return pictures.detach();
  require(pictures.dim() == 4 && pictures.sizes().slice(1) == kept_.sizes().slice(1),
          "HistoryPool: the pictures differ in shape from those before; train with one size");
  Random random(seed);
  auto given = pictures.detach().clone();
  for (std::int64_t i = 0; i < pictures.size(0); ++i) {
    const auto filled = static_cast<std::int64_t>(filled_.item<float>());
    if (filled < size) {
      kept_[filled].copy_(pictures[i]);
      filled_ += 1;
    } else if (random() % 2 == 0) {
      auto earlier = kept_[static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(size))];
      given[i].copy_(earlier);
      earlier.copy_(pictures[i]);
    }
  }
  return given;
}

std::vector<std::pair<std::string, Tensor>> HistoryPool::state() const {
  return {{"kept", kept_}, {"filled", filled_}};
}

}  // namespace atelier
