#include "methods/model_iteration/adversarial/content_gan/train.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include <cstdio>
#include <optional>

#include "atelier/error.h"
#include "dataset/pair_pool.h"
#include "methods/model_iteration/adversarial/adversarial_options.h"
#include "methods/model_iteration/adversarial/content_gan/network.h"
#include "methods/model_iteration/adversarial/sample_sheet.h"

namespace atelier::methods::content_gan {
namespace {

/// §5.2 of the article: batches of 32, cross-entropy.
const AdversarialDefaults kDefaults{.batch = 32, .crop = 64, .loss = "bce"};
constexpr double kContentWeight = 10;
constexpr std::uint64_t kSampleSeed = 7;
constexpr std::int64_t kSampleColumns = 8, kSampleRows = 8, kSamplePhotos = 4;
constexpr std::size_t kMostTested = 256;

bool draws_digits(const Values& values) { return values.text("form") == "digits"; }

/// Weights of §4.2's content terms. The text's code for digits has none; there they count only when they are asked for.
double content_weight(const Values& values, const std::string& option) {
  return draws_digits(values) && !values.given(option) ? 0 : values.number(option);
}

/// Digits are grey and shown as they are; photos are cut and mirrored.
struct Pictures {
  ImagePool pool;
  PartOf part;
  bool grey;

  Tensor shaped(const Tensor& parts) const { return grey ? parts.mean(1, true) : parts; }
  Tensor draw(std::int64_t count, std::uint64_t seed) const { return shaped(draw_parts(pool, count, part, seed)); }
  Tensor first(std::size_t count) const { return shaped(middle_parts(pool, 0, count, part.side)); }
};

Pictures read_pictures(const Values& values, const std::vector<std::filesystem::path>& folders, torch::Device device) {
  const bool grey = draws_digits(values);
  const PartOf part{.side = grey ? kDigitSide : values.integer("crop"),
                    .smallest = grey ? 1 : 0.7,
                    .mirrored = !grey,
                    .device = device};
  return {ImagePool(folders, static_cast<int>(2 * part.side)), part, grey};
}

Pictures read_targets(const Values& values, const TrainingInputs& inputs) {
  const auto& targets = values.text("targets");
  if (draws_digits(values)) {
    require(targets.empty(), "the digits to draw are --photos; leave out --targets, or add --form pictures");
    return read_pictures(values, inputs.photos, inputs.device);
  }
  require(!targets.empty(), "the pictures to become like are missing; add --targets DIR");
  return read_pictures(values, {targets}, inputs.device);
}

Network generator_for(const Values& values, std::uint64_t seed) {
  const auto dropout = values.number("input-dropout");
  if (draws_digits(values)) return dense_generator(seed, dropout);
  require(values.integer("crop") % 4 == 0 && values.integer("crop") >= 32,
          "the photos' side must be a multiple of 4 from 32 on; give another --crop");
  // The image-conditioned form: the photo in the code's place, with dropout of its values (§4.2, λ₁).
  return resnet(seed, {.width = values.integer("width"),
                       .blocks = static_cast<int>(values.integer("blocks")),
                       .input_dropout = dropout,
                       .enlarging = enlarging(values)});
}

class ContentGanTraining final : public AdversarialTraining {
 public:
  ContentGanTraining(const Values& values, const TrainingInputs& inputs)
      : AdversarialTraining(adversarial_settings(values, inputs)),
        digits_(draws_digits(values)),
        batch_(values.integer("batch")),
        l1_weight_(content_weight(values, "l1-weight")),
        l2_weight_(content_weight(values, "l2-weight")),
        targets_(read_targets(values, inputs)) {
    if (!digits_) photos_.emplace(read_pictures(values, inputs.photos, inputs.device));
    if (!values.text("test").empty()) test_.emplace(read_pictures(values, {values.text("test")}, inputs.device));
    settings_ = settings_text("content-gan", values, inputs, targets_.pool.size());
    generator_ = &add_generator("generator", generator_for(values, inputs.seed));
    critic_ = &add_critic("critic",
                          convolutional_critic(inputs.seed + 1, {.channels = digits_ ? 1 : 3,
                                                                 .width = values.integer("critic-width"),
                                                                 .dropout = values.number("critic-dropout"),
                                                                 .picture_dropout = values.number("output-dropout")}));
  }

  WeightSet model(const std::vector<Tensor>& averages) const override {
    const auto generator = averaged("generator", averages);
    auto weights = generator_model(generator, "content-gan");
    if (test_) weights.metadata["figures"] = tested(generator);
    return weights;
  }

  std::string settings() const override { return settings_; }

  Tensor preview(const std::vector<Tensor>& averages) const override {
    const torch::NoGradGuard no_grad;
    const auto generator = averaged("generator", averages);
    if (!digits_) {
      const auto shown = photos_->first(kSamplePhotos);
      return sample_sheet({shown, run_network(generator, {{"picture", shown}})});
    }
    const auto codes = draw_codes(kSampleColumns * kSampleRows, kSampleSeed);
    const auto drawn = run_network(generator, {{"code", codes}});
    const auto columns = drawn.chunk(kSampleColumns);
    return sample_sheet({columns.begin(), columns.end()});
  }

 protected:
  Tensor critic_loss(const Turn& turn, Terms& terms) override {
    real_ = targets_.draw(batch_, seed_of(turn, 0));
    make(turn);
    return critic_->loss({{"picture", real_}}, {{"picture", made_}}, seed_of(turn, 3), terms);
  }

  /// The critic's last turn made the pictures already; the generator has not changed since.
  Tensor generator_loss(const Turn& turn, Terms& terms) override {
    auto loss = critic_->generator_loss({{"picture", made_}}, seed_of(turn, 5));
    terms["adversarial"] = loss.item<double>();
    const auto change = made_ - kept_;
    if (l1_weight_ > 0) loss = loss + l1_weight_ * noted(change.abs().mean(), "l1", terms);
    if (l2_weight_ > 0) loss = loss + l2_weight_ * noted((change.square().mean() + kTiny).sqrt(), "l2", terms);
    loss = with_colour_count(loss, made_, real_, terms);
    made_.reset();
    return loss;
  }

 private:
  static constexpr double kTiny = 1e-8;  // the root's own gradient is infinite at zero

  static Tensor noted(const Tensor& value, const std::string& name, Terms& terms) {
    terms[name] = value.item<double>();
    return value;
  }

  /// Pictures, and the content that they shall keep: the photo, or (§4.2 has ‖G(z) − x‖) a real digit.
  void make(const Turn& turn) {
    kept_ = digits_ ? real_ : photos_->draw(batch_, seed_of(turn, 1));
    const NetworkInputs inputs =
        digits_ ? NetworkInputs{{"code", draw_codes(batch_, seed_of(turn, 1))}} : NetworkInputs{{"picture", kept_}};
    made_ = generate(*generator_, inputs, seed_of(turn, 2));
  }

  /// The evaluation of §3.2, step 5: how often the critic is right about pictures that it never saw.
  std::string tested(const Network& generator) const {
    const torch::NoGradGuard no_grad;
    const auto real = test_->first(kMostTested);
    const auto count = real.size(0);
    const NetworkInputs inputs = digits_ ? NetworkInputs{{"code", draw_codes(count, kSampleSeed)}}
                                         : NetworkInputs{{"picture", photos_->draw(count, kSampleSeed)}};
    const auto made = run_network(generator, inputs);
    const double accuracy =
        losses::critic_accuracy(critic_->settings().loss, critic_->judge_finally({{"picture", real}}),
                                critic_->judge_finally({{"picture", made}}));
    char text[96];
    std::snprintf(text, sizeof text, "critic right in %.3f of its verdicts on %lld pictures not learnt", accuracy,
                  static_cast<long long>(count));
    return text;
  }

  bool digits_;
  std::int64_t batch_;
  double l1_weight_, l2_weight_;
  Pictures targets_;
  std::optional<Pictures> photos_, test_;
  std::string settings_;
  Network* generator_;
  Critic* critic_;
  Tensor real_, kept_;
  Tensor made_;  ///< with its graph, between the turns of a step
};

}  // namespace

Tensor draw_codes(std::int64_t count, std::uint64_t seed) {
  return at::randn({count, kCodeSize, 1, 1}, at::detail::createCPUGenerator(seed), torch::kFloat);
}

std::vector<Option> training_options() {
  const auto without_patches = [](std::vector<Option> options) {
    std::erase_if(options, [](const Option& option) { return option.name == "critic-layers"; });
    return options;
  };
  return without_patches(with_adversarial(
      {Option::choice("form", "pictures from photos, or 28 × 28 digits from random codes by dense layers", "pictures",
                      {"pictures", "digits"}),
       Option::path("targets", "folder or pack of the pictures to become like; --photos holds the content"),
       Option::path("test",
                    "folder or pack of such pictures that are not learnt: the critic's accuracy on them goes "
                    "into the model"),
       Option::number("l1-weight", "weight of the mean difference to the content; for digits 0 unless given",
                      kContentWeight, 0, 1e6),
       Option::number("l2-weight",
                      "weight of the root mean square difference to the content; for digits 0 unless "
                      "given",
                      kContentWeight, 0, 1e6),
       Option::number("input-dropout", "share of the photo's or code's values dropped while learning", 0, 0, 0.9),
       Option::number("output-dropout", "share of the values dropped of what the critic is shown", 0, 0, 0.9),
       Option::number("critic-dropout", "share of values dropped in the critic", 0.3, 0, 0.9),
       Option::integer("width", "channels of the generator's first layer, for pictures", 32, 1, 512),
       Option::integer("blocks", "residual blocks of the generator, for pictures", 6, 0, 32), upsampling_option()},
      kDefaults));
}

std::unique_ptr<TrainingTask> make_training(const Values& values, const TrainingInputs& inputs) {
  require(!draws_digits(values) || values.number("color-count-loss") == 0,
          "digits are grey and have no colours to count; leave out --color-count-loss, or add --form pictures");
  return std::make_unique<ContentGanTraining>(values, inputs);
}

}  // namespace atelier::methods::content_gan
