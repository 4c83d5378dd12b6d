#include "training/adversarial/critic.h"

#include <torch/torch.h>

#include "atelier/error.h"

namespace atelier {
namespace {

constexpr const char* kPicture = "picture";

}  // namespace

void make_learnable(Network& network, torch::Device device) {
  for (auto& [name, tensor] : network.parameters)
    tensor = tensor.detach().clone().to(device).requires_grad_(!is_statistic(name));
}

std::vector<std::pair<std::string, Tensor>> learnt_parameters(const Network& network, const std::string& prefix) {
  std::vector<std::pair<std::string, Tensor>> learnt;
  for (const auto& [name, tensor] : network.parameters)
    if (tensor.requires_grad()) learnt.emplace_back(prefix + name, tensor);
  return learnt;
}

std::vector<std::pair<std::string, Tensor>> statistics_of(const Network& network, const std::string& prefix) {
  std::vector<std::pair<std::string, Tensor>> statistics;
  for (const auto& [name, tensor] : network.parameters)
    if (is_statistic(name)) statistics.emplace_back(prefix + name, tensor);
  return statistics;
}

Network frozen(const Network& network) {
  auto result = network;
  for (auto& [name, tensor] : result.parameters) tensor = tensor.detach();
  return result;
}

Critic::Critic(std::string name, Network network, const CriticSettings& settings, std::uint64_t seed)
    : name_(std::move(name)), network_(std::move(network)), settings_(settings) {
  require(settings.weight_clip >= 0 && settings.gradient_penalty >= 0,
          "a critic's clipping and gradient penalty must not be negative; 0 leaves them out");
  make_learnable(network_, settings.device);
  if (settings.spectral_norm) spectral_.emplace(network_, seed);
}

Tensor Critic::run(const Network& network, const NetworkInputs& inputs, std::uint64_t seed,
                   torch::ScalarType compute) const {
  return run_network(network, inputs, compute, Learning{.seed = seed});
}

Tensor Critic::judge(const NetworkInputs& inputs, std::uint64_t seed) {
  return run(spectral_ ? spectral_->normalised(network_, true) : network_, inputs, seed, settings_.compute);
}

Tensor Critic::judge_for_generator(const NetworkInputs& inputs, std::uint64_t seed) {
  const auto fixed = frozen(network_);
  return run(spectral_ ? spectral_->normalised(fixed, false) : fixed, inputs, seed, settings_.compute);
}

Tensor Critic::judge_finally(const NetworkInputs& inputs) {
  const torch::NoGradGuard no_grad;
  return run_network(spectral_ ? spectral_->normalised(network_, false) : network_, inputs, settings_.compute);
}

Tensor Critic::penalty(const NetworkInputs& real, const NetworkInputs& made, std::uint64_t seed) {
  auto inputs = made;
  const auto network = spectral_ ? spectral_->normalised(network_, false) : network_;
  const auto critic = [&](const Tensor& pictures) {
    inputs[kPicture] = pictures;
    return run(network, inputs, seed, torch::kFloat);
  };
  return losses::gradient_penalty(critic, real.at(kPicture), made.at(kPicture), seed);
}

Tensor Critic::loss(const NetworkInputs& real, const NetworkInputs& made, std::uint64_t seed,
                    std::map<std::string, double>& terms) {
  auto detached = made;
  for (auto& [name, tensor] : detached) tensor = tensor.detach();
  const auto of_real = judge(real, seed), of_made = judge(detached, seed + 1);
  const auto on_real = losses::critic_loss_on_real(settings_.loss, of_real);
  const auto on_made = losses::critic_loss_on_made(settings_.loss, of_made);
  terms[name_ + " real"] = on_real.item<double>();
  terms[name_ + " made"] = on_made.item<double>();
  terms[name_ + " accuracy"] = losses::critic_accuracy(settings_.loss, of_real, of_made);
  auto loss = on_real + on_made;
  if (settings_.gradient_penalty > 0) loss = loss + settings_.gradient_penalty * penalty(real, detached, seed);
  return loss;
}

Tensor Critic::generator_loss(const NetworkInputs& made, std::uint64_t seed) {
  return losses::generator_loss(settings_.loss, judge_for_generator(made, seed));
}

std::vector<std::pair<std::string, Tensor>> Critic::parameters() const { return learnt_parameters(network_, ""); }

std::vector<std::pair<std::string, Tensor>> Critic::state() const {
  auto all = statistics_of(network_, name_ + "/");
  if (spectral_)
    for (const auto& [name, tensor] : spectral_->state()) all.emplace_back(name_ + "/spectral/" + name, tensor);
  return all;
}

void Critic::updated() {
  if (settings_.weight_clip <= 0) return;
  const torch::NoGradGuard no_grad;
  for (auto& [name, tensor] : parameters()) Tensor(tensor).clamp_(-settings_.weight_clip, settings_.weight_clip);
}

}  // namespace atelier
