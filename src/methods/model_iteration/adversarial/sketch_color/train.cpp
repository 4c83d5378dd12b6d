#include "methods/model_iteration/adversarial/sketch_color/train.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include "atelier/error.h"
#include "dataset/pair_pool.h"
#include "filters/line_drawing.h"
#include "losses/style_verdicts.h"
#include "methods/model_iteration/adversarial/adversarial_options.h"
#include "methods/model_iteration/adversarial/colour_count_options.h"
#include "methods/model_iteration/adversarial/sample_sheet.h"
#include "methods/model_iteration/adversarial/sketch_color/hint.h"
#include "methods/model_iteration/adversarial/sketch_color/network.h"
#include "methods/model_iteration/adversarial/translators.h"
#include "tensor/colour_spaces.h"
#include "tensor/image_tensor.h"
#include "training/adversarial/adversarial_training.h"

namespace atelier::methods::sketch_color {
namespace {

constexpr std::size_t kSamples = 4;
constexpr std::int64_t kMeasured = 256;  // codes from which their statistics are taken
constexpr double kSmallestPart = 0.4;
constexpr double kThinnestLine = 0.7, kThickestLine = 1.6;  // σ, pixels of the drawn part
/// α and β of the paper's eq. 2; the weight of the differences beside the critic, in [-1, 1], is ours.
constexpr double kGreyGuide = 0.3, kColourGuide = 0.9, kL1Weight = 10;

/// Lines of pictures [N, 3, side, side], each by another pen.
Tensor drawn_lines(const Tensor& pictures, std::uint64_t seed) {
  auto random = at::detail::createCPUGenerator(seed);
  const auto pens = at::rand({pictures.size(0)}, random, torch::kDouble) * (kThickestLine - kThinnestLine);
  std::vector<Tensor> drawn;
  for (std::int64_t i = 0; i < pictures.size(0); ++i)
    drawn.push_back(to_tensor(
        line_drawing(to_image(pictures.narrow(0, i, 1)), {.line_width = kThinnestLine + pens[i].item<double>()})));
  return torch::cat(drawn).to(pictures.device());
}

PairPool read_pairs(const Values& values, const TrainingInputs& inputs, int max_side) {
  const auto& targets = values.text("targets");
  if (targets.empty()) return PairPool::alone(inputs.photos, max_side);
  require(inputs.photos.size() == 1, "pairs from two folders need one folder of sketches; give one --photos");
  return PairPool::two_folders(inputs.photos.front(), targets, max_side);
}

AdversarialSettings game_of(const Values& values, const TrainingInputs& inputs) {
  auto settings = shared_settings(values, inputs);
  settings.critic.spectral_norm = values.flag("spectral-norm");
  settings.first_steps = values.integer("first-steps");
  return settings;
}

/// `share` of the pictures with their channels in another order, each with another gamma: colours that their forms do
/// not tell, so that the hint must be asked.
Tensor with_other_colours(const Tensor& pictures, double share, std::uint64_t seed) {
  auto random = at::detail::createCPUGenerator(seed);
  const auto chosen = at::rand({pictures.size(0)}, random, torch::kFloat) < share;
  const auto gamma =
      torch::exp(0.4 * at::randn({pictures.size(0), 3, 1, 1}, random, torch::kFloat)).to(pictures.device());
  auto result = pictures.clone();
  for (std::int64_t i = 0; i < pictures.size(0); ++i) {
    const auto order = at::randperm(3, random, torch::kLong);
    if (chosen[i].item<bool>()) result[i] = pictures[i].index_select(0, order.to(pictures.device())).pow(gamma[i]);
  }
  return result;
}

/// Zhang, Ji, Lin 2017, eq. 1 to 3.
class SketchColorTraining final : public AdversarialTraining {
 public:
  SketchColorTraining(const Values& values, const TrainingInputs& inputs)
      : AdversarialTraining(game_of(values, inputs)),
        batch_(values.integer("batch")),
        l1_weight_(values.number("l1-weight")),
        recoloured_(values.number("recolour")),
        part_{.side = values.integer("crop"),
              .smallest = kSmallestPart,
              .mirrored = !values.flag("no-mirror"),
              .device = inputs.device},
        draws_lines_(values.text("targets").empty()),
        encoder_name_(inputs.encoder),
        encoder_(loss_encoder(inputs.encoder, inputs.bf16, inputs.device)),
        pairs_(read_pairs(values, inputs, static_cast<int>(3 * part_.side))),
        settings_(settings_text("sketch-color", values, inputs, pairs_.size())) {
    require(part_.side % kMiddle == 0, "the painter takes pictures whose sides are multiples of " +
                                           std::to_string(kMiddle) + "; give another --crop than " +
                                           std::to_string(part_.side));
    held_out_ = pairs_.hold_out(static_cast<std::size_t>(values.integer("held-out")));
    add_networks(values, inputs.seed);
  }

  WeightSet model(const std::vector<Tensor>& averages) const override {
    return painter_model(averaged("painter", averages), encoder_name_);
  }

  std::string settings() const override { return settings_; }
  std::string note() const override { return note_of(pairs_.skipped()); }

  /// Its critic names styles and cannot be asked whether a picture is real.
  std::map<std::string, std::string> descriptions() const override { return {}; }

  /// Sketch, painted by its own hint, by that of the row below, and the painting itself, of pictures that were kept out
  /// of the training, where there are enough.
  Tensor preview(const std::vector<Tensor>& averages) const override {
    const torch::NoGradGuard no_grad;
    const auto shown = with_sketches(middle_parts(held_out_, 0, kSamples, part_.side), 0);
    const auto network = averaged("painter", averages);
    const auto codes = style_code(*encoder_, shown.targets), others = codes.roll(-1, 0);
    const auto paint = [&](const Tensor& with) { return run_network(network, painter_inputs(shown.inputs, with)); };
    return sample_sheet({shown.inputs, paint(codes), paint(others), shown.targets});
  }

 protected:
  Tensor critic_loss(const Turn& turn, Terms& terms) override {
    make(turn);
    const auto real = losses::style_divergence(critic_->judge({{"picture", targets_}}, seed_of(turn, 3)), style_);
    const auto made = losses::style_divergence(critic_->judge({{"picture", painted_.detach()}}, seed_of(turn, 4)),
                                               torch::zeros_like(style_));
    terms["critic real"] = real.item<double>();
    terms["critic made"] = made.item<double>();
    return real + made;
  }

  Tensor generator_loss(const Turn& turn, Terms& terms) override {
    if (!painted_.defined()) make(turn);
    const auto l1 = (painted_ - targets_).abs().mean();
    const auto in_grey = (generate(*grey_guide_, {{"features", entry_}}, 0) - colour::luma(targets_)).abs().mean();
    const auto in_colour = (generate(*colour_guide_, {{"features", middle_}}, 0) - targets_).abs().mean();
    terms["l1"] = l1.item<double>();
    terms["grey guide"] = in_grey.item<double>();
    terms["colour guide"] = in_colour.item<double>();
    auto loss = kRange * l1_weight_ * (l1 + kGreyGuide * in_grey + kColourGuide * in_colour);
    if (!alone(turn)) {
      const auto style =
          losses::style_divergence(critic_->judge_for_generator({{"picture", painted_}}, seed_of(turn, 5)), style_);
      terms["style"] = style.item<double>();
      loss = loss + style;
    }
    loss = with_colour_count(loss, painted_, targets_, terms);
    painted_.reset();
    return loss;
  }

 private:
  /// Differences in [0, 1] are half of the paper's in [-1, 1].
  static constexpr double kRange = 2;

  void add_networks(const Values& values, std::uint64_t seed) {
    const PainterShape shape{.width = values.integer("width"), .blocks = static_cast<int>(values.integer("blocks"))};
    const auto hints = code_size(*encoder_);
    auto network = painter(seed, hints, shape);
    const auto seen = draw_parts(pairs_, kMeasured, part_, seed).targets;
    store_statistics(network, style_code(*encoder_, with_other_colours(seen, recoloured_, seed)));
    painter_ = &add_generator("painter", std::move(network));
    grey_guide_ = &add_generator("grey_guide", guide(seed + 1, 1, shape));
    colour_guide_ = &add_generator("colour_guide", guide(seed + 2, 3, shape));
    critic_ =
        &add_critic("critic", patch_critic(seed + 3, {.strided = static_cast<int>(values.integer("critic-layers")),
                                                      .width = values.integer("critic-width"),
                                                      .verdicts = hints}));
  }

  DrawnPairs with_sketches(DrawnPairs drawn, std::uint64_t seed) const {
    if (draws_lines_) drawn.inputs = drawn_lines(drawn.targets, seed);
    return drawn;
  }

  static NetworkInputs painter_inputs(const Tensor& sketches, const Tensor& codes) {
    return {{"picture", colour::luma(sketches).expand_as(sketches)},
            {"hint", hint_map(codes, sketches.size(2) / kMiddle, sketches.size(3) / kMiddle)}};
  }

  void make(const Turn& turn) {
    const auto drawn = with_sketches(draw_parts(pairs_, batch_, part_, seed_of(turn, 0)), seed_of(turn, 6));
    targets_ = with_other_colours(drawn.targets, recoloured_, seed_of(turn, 1));
    const auto codes = style_code(*encoder_, targets_);
    style_ = squashed(*painter_, codes);
    const Learning learning{.seed = seed_of(turn, 2), .batch_statistics = false};
    const auto values = node_values(*painter_, painter_inputs(drawn.inputs, codes), {"entry", "middle", "painted"},
                                    settings_of_game().critic.compute, &learning);
    entry_ = values[0];
    middle_ = values[1];
    painted_ = values[2];
  }

  std::int64_t batch_;
  double l1_weight_, recoloured_;
  PartOf part_;
  bool draws_lines_;  ///< no sketches were given
  std::string encoder_name_;
  std::shared_ptr<const Encoder> encoder_;
  PairPool pairs_, held_out_;
  std::string settings_;
  Network *painter_, *grey_guide_, *colour_guide_;
  Critic* critic_;
  Tensor targets_, style_;
  Tensor entry_, middle_, painted_;  ///< with their graph, between the turns of a step
};

}  // namespace

std::vector<Option> training_options() {
  return joined_options(
      {Option::integer("batch", "pictures per step", 4, 1, 256),
       Option::integer("crop", "side of a training picture in pixels", 128, 16, 1024),
       Option::path("targets", "folder of paintings, with the names of --photos, which then holds their sketches"),
       Option::integer("width", "channels of the painter at full size", 32, 1, 512),
       Option::integer("blocks", "residual blocks in the painter's middle", 4, 1, 32),
       Option::number("recolour", "share of the pictures that are shown in other colours", 0.5, 0, 1),
       Option::number("l1-weight", "weight of the difference to the painting beside the critic", kL1Weight, 0, 1e6),
       Option::integer("first-steps", "initial steps without critic", 0, 0, 1'000'000'000),
       Option::number("critic-rate", "learning rate of the critic, times the painter's", 1, 1e-3, 1e3),
       Option::flag("spectral-norm", "divide the critic's weights by their largest singular value"),
       Option::integer("critic-width", "channels of the critic's first layer", 32, 1, 512),
       Option::integer("critic-layers", "the critic's layers of stride 2; 3 sees patches of 70 pixels", 3, 1, 8),
       Option::integer("held-out", "last pictures that are shown in the preview and not learnt", 4, 0, 1000),
       Option::flag("no-mirror", "learn no mirrored pictures")},
      colour_count_options());
}

std::unique_ptr<TrainingTask> make_training(const Values& values, const TrainingInputs& inputs) {
  return std::make_unique<SketchColorTraining>(values, inputs);
}

}  // namespace atelier::methods::sketch_color
