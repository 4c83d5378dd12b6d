#include "training/adversarial/adversarial_training.h"

#include <torch/torch.h>

#include <limits>
#include <string_view>

#include "atelier/error.h"
#include "networks/style_model.h"
#include "training/adversarial/saved_critic.h"

namespace atelier {
namespace {

constexpr std::size_t kGenerators = 0, kCritics = 1;
constexpr std::string_view kExported = "generator/";

}  // namespace

AdversarialTraining::AdversarialTraining(const AdversarialSettings& settings) : settings_(settings) {
  require(settings.critic_steps >= 1 && settings.critic_rate > 0,
          "the critic needs at least one turn in each step, and a learning rate above 0");
  settings_.critic.compute = settings.bf16 ? torch::kBFloat16 : torch::kFloat;
  settings_.critic.device = settings.device;
}

Network& AdversarialTraining::add_generator(const std::string& name, Network network) {
  make_learnable(network, settings_.device);
  return generators_.insert_or_assign(name, std::move(network)).first->second;
}

Critic& AdversarialTraining::add_critic(const std::string& name, Network network) {
  const auto seed = settings_.seed + critics_.size();
  return critics_.insert_or_assign(name, Critic(name, std::move(network), settings_.critic, seed)).first->second;
}

TrainingTask::NamedTensors AdversarialTraining::parameters() const {
  NamedTensors all;
  for (const auto& [name, network] : generators_)
    for (const auto& parameter : learnt_parameters(network, name + "/")) all.push_back(parameter);
  return all;
}

std::vector<Opponent> AdversarialTraining::opponents() const {
  Opponent critics{"critics", {}, settings_.critic_rate};
  for (const auto& [name, critic] : critics_)
    for (const auto& [parameter, tensor] : critic.parameters())
      critics.parameters.emplace_back(name + "/" + parameter, tensor);
  return {critics};
}

std::vector<std::size_t> AdversarialTraining::turns(std::int64_t step) const {
  if (step < settings_.first_steps) return {kGenerators};
  std::vector<std::size_t> turns(static_cast<std::size_t>(settings_.critic_steps), kCritics);
  turns.push_back(kGenerators);
  return turns;
}

StepResult AdversarialTraining::turn(const Turn& turn) {
  StepResult result;
  const auto loss = turn.player == kCritics ? critic_loss(turn, result.terms) : generator_loss(turn, result.terms);
  loss.backward();
  result.loss = loss.item<double>();
  return result;
}

void AdversarialTraining::updated(std::size_t player) {
  if (player != kCritics) return;
  for (auto& [name, critic] : critics_) critic.updated();
}

TrainingTask::NamedTensors AdversarialTraining::state() const {
  NamedTensors all;
  const auto add = [&](const NamedTensors& some) { all.insert(all.end(), some.begin(), some.end()); };
  for (const auto& [name, network] : generators_) add(statistics_of(network, name + "/"));
  for (const auto& [name, critic] : critics_) add(critic.state());
  return all;
}

std::map<std::string, std::string> AdversarialTraining::descriptions() const {
  std::map<std::string, std::string> all;
  for (const auto& [name, critic] : critics_) all[critic_key(name)] = critic_description(critic);
  return all;
}

std::string AdversarialTraining::name_in_model(const std::string& tensor) const {
  return tensor.starts_with(kExported) ? tensor.substr(kExported.size()) : tensor;
}

Pace adversarial_pace() {
  return {.learning_rate = 2e-4,
          .warm_up = 0,
          .decay_share = 0.5,
          .clip_norm = std::numeric_limits<double>::infinity(),
          .decays = {.first = 0.5, .second = 0.999}};
}

Tensor AdversarialTraining::generate(const Network& generator, const NetworkInputs& inputs, std::uint64_t seed) const {
  return run_network(generator, inputs, settings_.critic.compute, Learning{.seed = seed});
}

Network AdversarialTraining::averaged(const std::string& wanted, const std::vector<Tensor>& averages) const {
  std::size_t index = 0;
  for (const auto& [name, network] : generators_) {
    auto result = frozen(network);
    for (auto& [parameter, tensor] : result.parameters)
      if (network.parameters.at(parameter).requires_grad()) tensor = averages.at(index++);
    if (name == wanted) return result;
  }
  throw Error("there is no generator \"" + wanted + "\"; it was not added", ErrorKind::kFailure);
}

Tensor AdversarialTraining::with_colour_count(const Tensor& loss, const Tensor& made, const Tensor& wanted,
                                              Terms& terms) const {
  const auto count = colour_count_term(made, wanted, settings_.colour_count, terms);
  return count.defined() ? loss + count : loss;
}

std::uint64_t AdversarialTraining::seed_of(const Turn& turn, std::uint64_t use) {
  return (turn.seed * 64 + static_cast<std::uint64_t>(turn.index)) * 16 + use;
}

WeightSet generator_model(const Network& generator, const std::string& method) {
  return style_model(generator, method, true);
}

}  // namespace atelier
