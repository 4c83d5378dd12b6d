#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "networks/network.h"
#include "tensor/onednn.h"
#include "training/adversarial/colour_count_term.h"
#include "training/adversarial/critic.h"
#include "training/adversarial/history_pool.h"
#include "training/trainer.h"

namespace atelier {

/// DCGAN's pace, which most of the family took over: rate 2·10⁻⁴, moments 0.5 and 0.999 (Radford et al. 2016, §4),
/// falling over the second half (CycleGAN), no warm-up, no clipping.
Pace adversarial_pace();

/// What every adversarial training is told.
struct AdversarialSettings {
  CriticSettings critic;
  double critic_rate = 1;        ///< learning rate of the critics, times the generators'
  int critic_steps = 1;          ///< turns of the critics before each of the generators
  std::int64_t first_steps = 0;  ///< initial steps in which the generators learn alone (AnimeGAN, CartoonGAN)
  ColourCountSettings colour_count;
  bool bf16 = onednn_has_fast_bf16();  ///< arithmetic of the networks; weights and losses stay float32
  std::uint64_t seed = 1;
  torch::Device device = torch::kCPU;  ///< where the networks compute
};

/// Generators against critics: player 0 is all generators together, player 1 all critics together. In each step the
/// critics have `critic_steps` turns, then the generators one. Everything goes into checkpoints: both players, the
/// statistics of batch norms, singular vectors and what the task adds to its state.
///
/// A method derives from it: it adds its networks in its constructor and gives the two losses.
class AdversarialTraining : public TrainingTask {
 public:
  using Terms = std::map<std::string, double>;

  /// The generators' parameters, as "GENERATOR/PARAMETER".
  NamedTensors parameters() const final;
  std::vector<Opponent> opponents() const final;
  std::vector<std::size_t> turns(std::int64_t step) const override;
  StepResult turn(const Turn& turn) final;
  void updated(std::size_t player) final;
  NamedTensors state() const override;
  /// The critics, as SavedCritic reads them.
  std::map<std::string, std::string> descriptions() const override;
  /// A model holds the generator called "generator", without its name.
  std::string name_in_model(const std::string& tensor) const override;
  Pace pace() const override { return adversarial_pace(); }

 protected:
  explicit AdversarialTraining(const AdversarialSettings& settings);

  /// Adds a generator or critic, for learning. References stay valid.
  Network& add_generator(const std::string& name, Network network);
  Critic& add_critic(const std::string& name, Network network);

  /// The loss of the player whose turn it is, with its graph; measures for the log go into `terms`.
  virtual Tensor critic_loss(const Turn& turn, Terms& terms) = 0;
  virtual Tensor generator_loss(const Turn& turn, Terms& terms) = 0;

  /// Runs a generator, or another network, as it learns, in the precision of the settings.
  Tensor generate(const Network& generator, const NetworkInputs& inputs, std::uint64_t seed) const;
  /// The generator `name` with averaged parameters, for TrainingTask::model() and preview(). Statistics of batch norms
  /// are the newest.
  Network averaged(const std::string& name, const std::vector<Tensor>& averages) const;
  /// `loss` with the colour-count loss of what a generator made, where the settings want it (colour_count_term.h).
  Tensor with_colour_count(const Tensor& loss, const Tensor& made, const Tensor& wanted, Terms& terms) const;
  /// Is it one of the steps before the critics join?
  bool alone(const Turn& turn) const { return turn.step < settings_.first_steps; }
  const AdversarialSettings& settings_of_game() const { return settings_; }

  /// A seed of its own for each turn and use of it; `use` tells the draws of one turn apart.
  static std::uint64_t seed_of(const Turn& turn, std::uint64_t use = 0);

 private:
  AdversarialSettings settings_;
  std::map<std::string, Network> generators_;
  std::map<std::string, Critic> critics_;
};

/// A picture network's model file: the graph, half-precision parameters, "kind" = "style" and the method.
WeightSet generator_model(const Network& generator, const std::string& method);

}  // namespace atelier
