#include "methods/model_iteration/adversarial/unpaired_training.h"

#include <torch/torch.h>

#include "atelier/error.h"
#include "dataset/pair_pool.h"
#include "methods/model_iteration/adversarial/sample_sheet.h"

namespace atelier::methods {
namespace {

constexpr double kSmallestPart = 256.0 / 286;
constexpr std::size_t kSamples = 3;

ImagePool read_targets(const Values& values, int max_side) {
  const auto& targets = values.text("targets");
  require(!targets.empty(), "the pictures to become like are missing; add --targets DIR");
  return ImagePool({targets}, max_side);
}

/// A way from one set to the other: the generator, and the critic who knows the set where it leads.
struct Way {
  Network* generator;
  Critic* critic;
  HistoryPool earlier;
  Tensor from;  ///< this step's pictures of the set where it starts
  Tensor made;  ///< what became of them, with its graph
};

class UnpairedTraining final : public AdversarialTraining {
 public:
  UnpairedTraining(const UnpairedRecipe& recipe, const Values& values, const TrainingInputs& inputs)
      : AdversarialTraining(adversarial_settings(values, inputs)),
        recipe_(recipe),
        batch_(values.integer("batch")),
        cycle_weight_(values.number("cycle-weight")),
        identity_weight_(values.number("identity-weight")),
        part_{.side = values.integer("crop"), .smallest = kSmallestPart, .device = inputs.device},
        photos_(inputs.photos, static_cast<int>(2 * part_.side)),
        targets_(read_targets(values, static_cast<int>(2 * part_.side))),
        settings_(settings_text(recipe.method, values, inputs, photos_.size() + targets_.size())),
        there_(way("forward", values, inputs.seed)),
        back_(way("backward", values, inputs.seed + 2)) {}

  WeightSet model(const std::vector<Tensor>& averages) const override {
    return two_way_model(recipe_.method, averaged("forward", averages), averaged("backward", averages));
  }

  /// "backward/..." are called so in two_way_model() too.
  std::string name_in_model(const std::string& tensor) const override {
    constexpr std::string_view kForward = "forward/";
    return tensor.starts_with(kForward) ? tensor.substr(kForward.size()) : tensor;
  }
  std::string settings() const override { return settings_; }
  Pace pace() const override { return recipe_.pace; }

  NamedTensors state() const override {
    auto all = AdversarialTraining::state();
    for (const auto& [name, pool] : {std::pair("forward", &there_.earlier), std::pair("backward", &back_.earlier)})
      for (const auto& [part, tensor] : pool->state()) all.emplace_back(name + ("/pool/" + part), tensor);
    return all;
  }

  bool kept_apart(const std::string& state) const override { return state.find("/pool/") != std::string::npos; }

  /// Of both sets: a picture, what becomes of it, and that again back.
  Tensor preview(const std::vector<Tensor>& averages) const override {
    const torch::NoGradGuard no_grad;
    const auto forward = averaged("forward", averages), backward = averaged("backward", averages);
    const auto count = std::min({kSamples, photos_.size(), targets_.size()});
    std::vector<Tensor> columns;
    for (const auto& [pool, there, back] :
         {std::tuple(&photos_, &forward, &backward), std::tuple(&targets_, &backward, &forward)}) {
      columns.push_back(middle_parts(*pool, 0, count, part_.side));
      columns.push_back(run_network(*there, {{"picture", columns.back()}}).clamp(0, 1));
      columns.push_back(run_network(*back, {{"picture", columns.back()}}));
    }
    return sample_sheet(columns);
  }

  std::string note() const override { return note_of(photos_.skipped() + targets_.skipped()); }

 protected:
  Tensor critic_loss(const Turn& turn, Terms& terms) override {
    make(turn);
    return critic_loss_of(there_, back_, seed_of(turn, 4), terms) +
           critic_loss_of(back_, there_, seed_of(turn, 6), terms);
  }

  /// The critics' last turn made the pictures already; the generators have not changed since.
  Tensor generator_loss(const Turn& turn, Terms& terms) override {
    if (!there_.made.defined()) make(turn);
    const auto loss = generator_loss_of(there_, back_, seed_of(turn, 8), terms) +
                      generator_loss_of(back_, there_, seed_of(turn, 12), terms);
    there_.made.reset();
    back_.made.reset();
    return loss;
  }

 private:
  Way way(const std::string& name, const Values& values, std::uint64_t seed) {
    auto shape = recipe_.critic;
    shape.strided = static_cast<int>(values.integer("critic-layers"));
    shape.width = values.integer("critic-width");
    return {&add_generator(name, generator_of(values, seed, recipe_.form)),
            &add_critic(name + " critic", patch_critic(seed + 1, shape)),
            HistoryPool(values.integer("pool"), part_.side),
            {},
            {}};
  }

  void make(const Turn& turn) {
    there_.from = draw_parts(photos_, batch_, part_, seed_of(turn, 0));
    back_.from = draw_parts(targets_, batch_, part_, seed_of(turn, 1));
    there_.made = generate(*there_.generator, {{"picture", there_.from}}, seed_of(turn, 2));
    back_.made = generate(*back_.generator, {{"picture", back_.from}}, seed_of(turn, 3));
  }

  static Tensor critic_loss_of(Way& way, const Way& other, std::uint64_t seed, Terms& terms) {
    const auto shown = way.earlier.exchange(way.made, seed);
    return way.critic->loss({{"picture", other.from}}, {{"picture", shown}}, seed, terms);
  }

  Tensor difference(const Tensor& a, const Tensor& b) const {
    return recipe_.squared_cycle ? (a - b).square().mean() : recipe_.range * (a - b).abs().mean();
  }

  /// Made there, it shall please the critic; and gone back, be what it was. What is there already shall stay.
  Tensor generator_loss_of(Way& way, const Way& other, std::uint64_t seed, Terms& terms) {
    const auto adversarial = way.critic->generator_loss({{"picture", way.made}}, seed);
    const auto cycled = generate(*other.generator, {{"picture", way.made}}, seed + 1);
    const auto cycle = difference(cycled, way.from);
    terms["adversarial"] += adversarial.item<double>() / 2;
    terms["cycle"] += cycle.item<double>() / 2;
    auto loss = adversarial + cycle_weight_ * cycle;
    if (identity_weight_ > 0) {
      const auto kept = generate(*way.generator, {{"picture", other.from}}, seed + 2);
      loss = loss + identity_weight_ * cycle_weight_ * difference(kept, other.from);
    }
    Terms counted;
    loss = with_colour_count(loss, way.made, other.from, counted);
    for (const auto& [name, value] : counted) terms[name] += value / 2;
    return loss;
  }

  UnpairedRecipe recipe_;
  std::int64_t batch_;
  double cycle_weight_, identity_weight_;
  PartOf part_;
  ImagePool photos_, targets_;
  std::string settings_;
  Way there_, back_;
};

}  // namespace

std::vector<Option> unpaired_options(const UnpairedRecipe& recipe, const std::vector<Option>& generator) {
  const std::vector<Option> own = {
      Option::path("targets", "folder or pack of the pictures to become like; --photos holds the others"),
      Option::number("cycle-weight", "weight of the difference after going there and back", recipe.cycle_weight, 0,
                     1e6),
      Option::number("identity-weight",
                     "weight of the change to pictures that are like the targets already, times --cycle-weight",
                     recipe.identity_weight, 0, 1e3),
      Option::integer("pool", "pictures made earlier that the critics see again", recipe.pool, 0, 1000)};
  return with_adversarial(joined_options(generator, own), recipe.defaults);
}

std::unique_ptr<TrainingTask> unpaired_training(const UnpairedRecipe& recipe, const Values& values,
                                                const TrainingInputs& inputs) {
  return std::make_unique<UnpairedTraining>(recipe, values, inputs);
}

Option direction_option() {
  return Option::choice("direction", "from the photos of the training to its targets, or the other way", "forward",
                        {"forward", "backward"});
}

bool backward(const Values& values) { return values.text("direction") == "backward"; }

WeightSet two_way_model(const std::string& method, const Network& forward, const Network& backward) {
  auto weights = generator_model(forward, method);
  add_backward(weights, backward);
  return weights;
}

}  // namespace atelier::methods
