#include "methods/model_iteration/adversarial/content_gan/project.h"

#include <torch/torch.h>

#include "methods/model_iteration/adversarial/content_gan/network.h"
#include "methods/model_iteration/adversarial/content_gan/train.h"
#include "tensor/resize.h"
#include "training/adam_average.h"
#include "training/adversarial/critic.h"

namespace atelier::methods::content_gan {
namespace {

constexpr std::int64_t kStarts = 16;  // codes searched side by side; the best is kept
constexpr double kRate = 0.05, kTiny = 1e-8;
/// Codes as far from the mean as this are rare; the search is kept among those that the generator has learnt.
constexpr double kFarthest = 2;

/// Of each picture, its content terms against `wanted`.
Tensor content_terms(const Tensor& drawn, const Tensor& wanted) {
  const auto change = (drawn - wanted).flatten(1);
  return change.abs().mean(1) + (change.square().mean(1) + kTiny).sqrt();
}

}  // namespace

Tensor nearest_drawn(const Network& generator, const Tensor& picture, int steps, std::uint64_t seed,
                     const std::function<bool(int)>& on_step) {
  const auto wanted = resize_picture(picture, kDigitSide, kDigitSide).mean(1, true);
  const auto fixed = frozen(generator);
  const auto codes = draw_codes(kStarts, seed).requires_grad_(true);
  AdamAverage optimiser({{"codes", codes}});
  for (int step = 0; step < steps && on_step(step); ++step) {
    const torch::AutoGradMode on(true);
    content_terms(run_network(fixed, {{"code", codes}}), wanted).sum().backward();
    optimiser.step(kRate, std::numeric_limits<double>::infinity());
    const torch::NoGradGuard no_grad;
    Tensor(codes).clamp_(-kFarthest, kFarthest);
  }
  const torch::NoGradGuard no_grad;
  const auto drawn = run_network(fixed, {{"code", codes}});
  const auto best = content_terms(drawn, wanted).argmin().item<std::int64_t>();
  return drawn.narrow(0, best, 1).expand({1, 3, kDigitSide, kDigitSide}).clamp(0, 1);
}

}  // namespace atelier::methods::content_gan
