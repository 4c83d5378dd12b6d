#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "losses/adversarial.h"
#include "networks/network.h"
#include "training/adversarial/spectral_norm.h"

namespace atelier {

/// How a critic learns.
struct CriticSettings {
  losses::Adversarial loss = losses::Adversarial::kLsgan;
  double weight_clip = 0;       ///< largest magnitude of a parameter after an update (WGAN); 0: none
  double gradient_penalty = 0;  ///< weight of losses::gradient_penalty(); 0: none
  bool spectral_norm = false;
  torch::ScalarType compute = torch::kFloat;  ///< of the network; the gradient penalty is always in kFloat
  torch::Device device = torch::kCPU;
};

/// Inputs of a network by name.
using NetworkInputs = std::map<std::string, Tensor>;

/// A network that judges pictures, with what keeps it within bounds. Its verdicts are not squashed: [N, 1, h, w], one
/// per patch, or [N, 1, 1, 1]. The judged picture is its input "picture" [N, 3, H, W] in [0, 1]; there may be others
/// (the photo that a picture was made of).
class Critic {
 public:
  Critic(std::string name, Network network, const CriticSettings& settings, std::uint64_t seed = 0);

  const std::string& name() const { return name_; }
  const CriticSettings& settings() const { return settings_; }
  const Network& network() const { return network_; }

  /// Verdicts from which the critic learns: gradients reach its parameters and the inputs. One power iteration where
  /// it has a spectral norm. `seed` is that of dropout.
  Tensor judge(const NetworkInputs& inputs, std::uint64_t seed);
  /// Verdicts from which a generator learns: the critic stays as it is, gradients reach the inputs alone.
  Tensor judge_for_generator(const NetworkInputs& inputs, std::uint64_t seed);
  /// Verdicts of the finished critic: no dropout, stored statistics.
  Tensor judge_finally(const NetworkInputs& inputs);

  /// What it loses on a batch, the gradient penalty included. Terms "NAME real" and "NAME made" (losses without
  /// penalty) and "NAME accuracy" (losses::critic_accuracy()) are noted.
  Tensor loss(const NetworkInputs& real, const NetworkInputs& made, std::uint64_t seed,
              std::map<std::string, double>& terms);
  /// What a generator loses by its verdicts on `made`.
  Tensor generator_loss(const NetworkInputs& made, std::uint64_t seed);

  /// Leaves that learn, for Opponent::parameters; without the critic's name.
  std::vector<std::pair<std::string, Tensor>> parameters() const;
  /// Statistics and singular vectors, for TrainingTask::state(); with the critic's name.
  std::vector<std::pair<std::string, Tensor>> state() const;
  /// Clips the parameters where that is wanted; call after an update.
  void updated();

 private:
  Tensor run(const Network& network, const NetworkInputs& inputs, std::uint64_t seed, torch::ScalarType compute) const;
  Tensor penalty(const NetworkInputs& real, const NetworkInputs& made, std::uint64_t seed);

  std::string name_;
  Network network_;
  CriticSettings settings_;
  std::optional<SpectralNorm> spectral_;
};

/// Makes a network's parameters leaves of their own, on `device`, that learn, all but statistics.
void make_learnable(Network& network, torch::Device device);
/// The leaves that learn, with `prefix` before their names.
std::vector<std::pair<std::string, Tensor>> learnt_parameters(const Network& network, const std::string& prefix);
/// The statistics of batch norms, with `prefix` before their names.
std::vector<std::pair<std::string, Tensor>> statistics_of(const Network& network, const std::string& prefix);
/// The same network with parameters through which no gradient flows.
Network frozen(const Network& network);

}  // namespace atelier
