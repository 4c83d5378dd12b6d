#include "methods/model_iteration/adversarial/pix2pix/train.h"

#include <torch/torch.h>

#include <algorithm>

#include "atelier/error.h"
#include "dataset/pair_pool.h"
#include "methods/model_iteration/adversarial/adversarial_options.h"
#include "methods/model_iteration/adversarial/sample_sheet.h"

namespace atelier::methods::pix2pix {
namespace {

/// The paper's §3.3 and §6.2: batch of one, 256 pixels cut from 286, cross-entropy, λ = 100.
const AdversarialDefaults kDefaults{.batch = 1, .crop = 256, .loss = "bce"};
constexpr double kSmallestPart = 256.0 / 286, kL1Weight = 100;
constexpr std::size_t kSamples = 4;

PairPool read_pairs(const Values& values, const TrainingInputs& inputs, int max_side) {
  const auto& targets = values.text("targets");
  if (targets.empty()) {
    const auto side = values.text("side") == "left" ? Side::kLeft : Side::kRight;
    return PairPool::side_by_side(inputs.photos, side, max_side);
  }
  require(inputs.photos.size() == 1, "pairs from two folders need one folder of inputs; give one --photos");
  return PairPool::two_folders(inputs.photos.front(), targets, max_side);
}

/// Isola, Zhu, Zhou, Efros, CVPR 2017, eq. 4: G* = arg min max L_cGAN(G, D) + λ L_L1(G).
class Pix2pixTraining final : public AdversarialTraining {
 public:
  Pix2pixTraining(const Values& values, const TrainingInputs& inputs)
      : AdversarialTraining(adversarial_settings(values, inputs)),
        batch_(values.integer("batch")),
        l1_weight_(values.number("l1-weight")),
        part_{.side = values.integer("crop"),
              .smallest = kSmallestPart,
              .mirrored = !values.flag("no-mirror"),
              .device = inputs.device},
        pairs_(read_pairs(values, inputs, static_cast<int>(2 * part_.side))),
        settings_(settings_text("pix2pix", values, inputs, pairs_.size())) {
    held_out_ = pairs_.hold_out(static_cast<std::size_t>(values.integer("held-out")));
    auto critic = patch_shape(values, kDefaults);
    critic.conditional = true;
    generator_ = &add_generator("generator", generator_of(values, inputs.seed));
    critic_ = &add_critic("critic", patch_critic(inputs.seed + 1, critic));
  }

  WeightSet model(const std::vector<Tensor>& averages) const override {
    return generator_model(averaged("generator", averages), "pix2pix");
  }

  std::string settings() const override { return settings_; }
  std::string note() const override { return note_of(pairs_.skipped()); }

  /// Input, result and target of pairs that were kept out of the training, where there are enough.
  Tensor preview(const std::vector<Tensor>& averages) const override {
    const torch::NoGradGuard no_grad;
    const auto shown = middle_parts(held_out_, 0, kSamples, part_.side);
    const auto made = run_network(averaged("generator", averages), {{"picture", shown.inputs}});
    return sample_sheet({shown.inputs, made, shown.targets});
  }

 protected:
  Tensor critic_loss(const Turn& turn, Terms& terms) override {
    make(turn);
    return critic_->loss(seen(pairs_drawn_.targets), seen(made_), seed_of(turn, 2), terms);
  }

  /// The critic's last turn made the pictures already; the generator has not changed since.
  Tensor generator_loss(const Turn& turn, Terms& terms) override {
    if (!made_.defined()) make(turn);
    const auto adversarial = critic_->generator_loss(seen(made_), seed_of(turn, 3));
    const auto l1 = (made_ - pairs_drawn_.targets).abs().mean();
    terms["adversarial"] = adversarial.item<double>();
    terms["l1"] = l1.item<double>();
    const auto loss = with_colour_count(adversarial + l1_weight_ * kRange * l1, made_, pairs_drawn_.targets, terms);
    made_.reset();
    return loss;
  }

 private:
  /// Differences in [0, 1] are half of the paper's in [-1, 1].
  static constexpr double kRange = 2;

  void make(const Turn& turn) {
    pairs_drawn_ = draw_parts(pairs_, batch_, part_, seed_of(turn, 0));
    made_ = generate(*generator_, {{"picture", pairs_drawn_.inputs}}, seed_of(turn, 1));
  }

  NetworkInputs seen(const Tensor& picture) const { return {{"picture", picture}, {"photo", pairs_drawn_.inputs}}; }

  std::int64_t batch_;
  double l1_weight_;
  PartOf part_;
  PairPool pairs_, held_out_;
  std::string settings_;
  Network* generator_;
  Critic* critic_;
  DrawnPairs pairs_drawn_;
  Tensor made_;  ///< with its graph, between the turns of a step
};

}  // namespace

std::vector<Option> training_options() {
  return with_adversarial(
      joined_options(
          generator_options("unet", 64, 8, 9, 0.5),
          {Option::choice("side", "which half of a side-by-side picture is what goes in", "left", {"left", "right"}),
           Option::path("targets",
                        "folder of what shall come out, with the names of --photos, which then holds what "
                        "goes in"),
           Option::number("l1-weight", "weight of the difference to the target beside the critic", kL1Weight, 0, 1e6),
           Option::integer("held-out", "last pairs that are shown in the preview and not learnt", 4, 0, 1000),
           Option::flag("no-mirror", "learn no mirrored pictures")}),
      kDefaults);
}

std::unique_ptr<TrainingTask> make_training(const Values& values, const TrainingInputs& inputs) {
  return std::make_unique<Pix2pixTraining>(values, inputs);
}

}  // namespace atelier::methods::pix2pix
