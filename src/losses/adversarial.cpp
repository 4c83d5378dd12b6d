#include "losses/adversarial.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include <algorithm>

#include "atelier/error.h"

namespace atelier::losses {

const std::vector<std::string>& adversarial_names() {
  static const std::vector<std::string> names = {"bce", "lsgan", "wgan", "hinge"};
  return names;
}

Adversarial parse_adversarial(const std::string& name) {
  const auto& names = adversarial_names();
  const auto found = std::find(names.begin(), names.end(), name);
  require(found != names.end(), "there is no adversarial loss \"" + name + "\"; choose bce, lsgan, wgan or hinge");
  return static_cast<Adversarial>(found - names.begin());
}

Tensor critic_loss_on_real(Adversarial kind, const Tensor& verdicts) {
  switch (kind) {
    case Adversarial::kBce: return torch::softplus(-verdicts).mean();
    case Adversarial::kLsgan: return (verdicts - 1).square().mean();
    case Adversarial::kWgan: return -verdicts.mean();
    case Adversarial::kHinge: return torch::relu(1 - verdicts).mean();
  }
  throw Error("unknown adversarial loss; update Atelier");
}

Tensor critic_loss_on_made(Adversarial kind, const Tensor& verdicts) {
  switch (kind) {
    case Adversarial::kBce: return torch::softplus(verdicts).mean();
    case Adversarial::kLsgan: return verdicts.square().mean();
    case Adversarial::kWgan: return verdicts.mean();
    case Adversarial::kHinge: return torch::relu(1 + verdicts).mean();
  }
  throw Error("unknown adversarial loss; update Atelier");
}

Tensor generator_loss(Adversarial kind, const Tensor& verdicts) {
  return kind == Adversarial::kHinge ? -verdicts.mean() : critic_loss_on_real(kind, verdicts);
}

double critic_accuracy(Adversarial kind, const Tensor& on_real, const Tensor& on_made) {
  const double border = kind == Adversarial::kLsgan ? 0.5 : 0;
  const auto share = [](const Tensor& right) { return right.to(torch::kDouble).mean().item<double>(); };
  return (share(on_real > border) + share(on_made < border)) / 2;
}

Tensor gradient_penalty(const std::function<Tensor(const Tensor&)>& critic, const Tensor& real, const Tensor& made,
                        std::uint64_t seed) {
  require(real.dim() == 4 && real.sizes() == made.sizes(),
          "gradient_penalty: real and made pictures differ in shape; give as many of the same size");
  const auto random = at::detail::createCPUGenerator(seed);
  const auto shares = at::rand({real.size(0), 1, 1, 1}, random, torch::kFloat).to(real.device(), real.scalar_type());
  const auto between = torch::lerp(made.detach(), real.detach(), shares).requires_grad_(true);
  const auto verdicts = critic(between).reshape({real.size(0), -1}).mean(1);
  const auto gradient = torch::autograd::grad({verdicts.sum()}, {between}, {}, true, true)[0];
  // The root's own gradient is infinite at zero.
  constexpr double kTiny = 1e-12;
  const auto norms = (gradient.flatten(1).square().sum(1) + kTiny).sqrt();
  return (norms - 1).square().mean();
}

}  // namespace atelier::losses
