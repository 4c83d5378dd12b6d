#include "methods/model_iteration/adversarial/cartoon_training.h"

#include <torch/torch.h>

#include <algorithm>
#include <optional>

#include "atelier/error.h"
#include "dataset/pair_pool.h"
#include "encoders/encoder.h"
#include "filters/smooth_edges.h"
#include "losses/cartoon.h"
#include "losses/gram.h"
#include "losses/tv.h"
#include "methods/model_iteration/adversarial/adversarial_options.h"
#include "methods/model_iteration/adversarial/cartoon_critic.h"
#include "methods/model_iteration/adversarial/colour_count_options.h"
#include "methods/model_iteration/adversarial/sample_sheet.h"
#include "tensor/image_tensor.h"
#include "training/adversarial/adversarial_training.h"

namespace atelier::methods {
namespace {

constexpr std::size_t kSamples = 5;
constexpr int kLargestScale = 4;  // pictures are kept up to this many times the crop

AdversarialSettings game_of(const Values& values, const TrainingInputs& inputs) {
  auto settings = game_settings(values, inputs);
  settings.critic.spectral_norm = !values.flag("no-spectral-norm");
  settings.first_steps = values.integer("first-steps");
  return settings;
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> names;
  for (std::size_t from = 0; from <= list.size();) {
    const auto comma = std::min(list.find(',', from), list.size());
    if (comma > from) names.push_back(list.substr(from, comma - from));
    from = comma + 1;
  }
  return names;
}

Tensor with_smooth_edges(const Tensor& pictures) {
  std::vector<Tensor> smooth;
  for (const auto& picture : pictures.split(1)) smooth.push_back(to_tensor(smooth_edges(to_image(picture))));
  return torch::cat(smooth).to(pictures.device());
}

/// Where photos and pictures of the style come from.
class CartoonData {
 public:
  struct Batch {
    Tensor photos, styles;  ///< [N, 3, side, side]
  };

  CartoonData(const Values& values, const TrainingInputs& inputs)
      : batch_(values.integer("batch")),
        part_{.side = values.integer("crop"), .smallest = values.number("smallest-part"), .device = inputs.device} {
    const auto max_side = static_cast<int>(kLargestScale * part_.side);
    if (values.text("pairs") == "none") {
      require(!inputs.styles.empty(),
              "there is no picture of the style; give --style with pictures or folders of them");
      std::vector<Tensor> styles;
      for (const auto& style : inputs.styles) styles.push_back(style.picture);
      styles_.emplace(styles);
      photos_.emplace(inputs.photos, max_side);
    } else {
      read_pairs(values, inputs, max_side);
    }
  }

  Batch draw(std::uint64_t seed) const {
    if (pairs_) {
      const auto drawn = draw_parts(*pairs_, batch_, part_, seed);
      return {drawn.inputs, drawn.targets};
    }
    return {draw_parts(*photos_, batch_, part_, seed), draw_parts(*styles_, batch_, part_, seed + 1)};
  }

  /// What the preview shows: photos, and their partners where there are any (those held out).
  Batch samples() const {
    if (pairs_) {
      const auto shown = middle_parts(*held_out_, 0, kSamples, part_.side);
      return {shown.inputs, shown.targets};
    }
    return {middle_parts(*photos_, 0, kSamples, part_.side), {}};
  }

  const SkippedFiles& skipped() const { return pairs_ ? pairs_->skipped() : photos_->skipped(); }
  std::size_t size() const { return pairs_ ? pairs_->size() : photos_->size() + styles_->size(); }

 private:
  void read_pairs(const Values& values, const TrainingInputs& inputs, int max_side) {
    const auto& targets = values.text("targets");
    require(targets.empty() || inputs.photos.size() == 1,
            "pairs from two folders need one folder of photos; give one --photos");
    const auto side = values.text("pairs") == "right" ? Side::kRight : Side::kLeft;
    pairs_ = targets.empty() ? PairPool::side_by_side(inputs.photos, side, max_side)
                             : PairPool::two_folders(inputs.photos.front(), targets, max_side);
    held_out_ = pairs_->hold_out(static_cast<std::size_t>(values.integer("held-out")));
  }

  std::int64_t batch_;
  PartOf part_;
  std::optional<ImagePool> photos_, styles_;
  std::optional<PairPool> pairs_, held_out_;
};

class CartoonTraining final : public AdversarialTraining {
 public:
  CartoonTraining(const Values& values, const TrainingInputs& inputs, const CartoonDefaults& defaults)
      : AdversarialTraining(game_of(values, inputs)),
        values_(values),
        defaults_(defaults),
        data_(values, inputs),
        encoder_(loss_encoder(inputs.encoder, inputs.bf16, inputs.device)),
        style_taps_(split(values.text("style-layers"))),
        settings_(settings_text(defaults.method, values, inputs, data_.size())) {
    generator_ = &add_generator("generator", defaults.generator(inputs.seed, values.number("width")));
    critic_ = &add_critic("critic", cartoon_critic(inputs.seed + 1, values.integer("critic-width")));
  }

  WeightSet model(const std::vector<Tensor>& averages) const override {
    return generator_model(averaged("generator", averages), defaults_.method);
  }

  std::string settings() const override { return settings_; }
  std::string note() const override { return note_of(data_.skipped()); }

  Tensor preview(const std::vector<Tensor>& averages) const override {
    const torch::NoGradGuard no_grad;
    const auto shown = data_.samples();
    std::vector<Tensor> columns = {shown.photos,
                                   run_network(averaged("generator", averages), {{"picture", shown.photos}})};
    if (shown.styles.defined()) columns.push_back(shown.styles);
    return sample_sheet(columns);
  }

 protected:
  /// Eq. 3 of the colour-count paper: the style, what was made, the style in grey, the style with smoothed edges.
  Tensor critic_loss(const Turn& turn, Terms& terms) override {
    make(turn);
    const auto kind = critic_->settings().loss;
    const auto judged = [&](const Tensor& pictures, std::uint64_t use) {
      return critic_->judge({{"picture", pictures}}, seed_of(turn, use));
    };
    const auto on_real = judged(batch_.styles, 2), on_made = judged(made_.detach(), 3);
    auto loss = losses::critic_loss_on_real(kind, on_real) + losses::critic_loss_on_made(kind, on_made);
    if (const double weight = values_.number("grey-weight"); weight > 0)
      loss = loss + weight * losses::critic_loss_on_made(kind, judged(losses::to_grey(batch_.styles), 4));
    if (const double weight = values_.number("smooth-weight"); weight > 0) {
      const auto smooth = with_smooth_edges(batch_.styles);
      const auto shown = defaults_.smooth_grey ? losses::to_grey(smooth) : smooth;
      loss = loss + weight * losses::critic_loss_on_made(kind, judged(shown, 5));
    }
    terms["critic"] = loss.item<double>();
    terms["critic accuracy"] = losses::critic_accuracy(kind, on_real, on_made);
    return loss;
  }

  Tensor generator_loss(const Turn& turn, Terms& terms) override {
    if (!made_.defined()) make(turn);
    auto loss = feature_loss(alone(turn), terms);
    add_colour_loss(loss, terms);
    if (!alone(turn)) add_game_losses(loss, turn, terms);
    made_.reset();
    return loss;
  }

 private:
  void make(const Turn& turn) {
    batch_ = data_.draw(seed_of(turn, 0));
    made_ = generate(*generator_, {{"picture", batch_.photos}}, seed_of(turn, 1));
  }

  static void add(Tensor& loss, const char* name, double weight, const Tensor& term, Terms& terms) {
    terms[name] = term.item<double>();
    loss = loss + weight * term;
  }

  /// Content, and unless the generator learns alone, the style in grey: from one pass of the encoder.
  Tensor feature_loss(bool alone, Terms& terms) const {
    const double style_weight = alone ? 0 : values_.number("grey-style-weight");
    std::vector<std::string> taps = {values_.text("content-layer")};
    if (style_weight > 0) taps.insert(taps.end(), style_taps_.begin(), style_taps_.end());
    const auto features = encoder_->features(made_, taps);
    std::vector<Tensor> photo, style;
    {
      const torch::NoGradGuard no_grad;
      photo = encoder_->features(batch_.photos, {taps[0]});
      if (style_weight > 0) style = encoder_->features(losses::to_grey(batch_.styles), style_taps_);
    }
    auto loss = torch::zeros({});
    add(loss, "content", values_.number("content-weight"), losses::relative_l1(features[0], photo[0]), terms);
    auto distance = torch::zeros({});
    for (std::size_t t = 0; t < style.size(); ++t)
      distance = distance + losses::grey_style_loss(features[t + 1], losses::gram(style[t]).mean(0, true));
    if (!style.empty()) add(loss, "grey style", style_weight, distance / static_cast<double>(style.size()), terms);
    return loss;
  }

  void add_colour_loss(Tensor& loss, Terms& terms) const {
    if (const double weight = values_.number("color-weight"); weight > 0)
      add(loss, "colour", weight, losses::colour_reconstruction_loss(made_, batch_.photos), terms);
  }

  void add_game_losses(Tensor& loss, const Turn& turn, Terms& terms) {
    add(loss, "adversarial", values_.number("adversarial-weight"),
        critic_->generator_loss({{"picture", made_}}, seed_of(turn, 6)), terms);
    if (const double weight = values_.number("tv-weight"); weight > 0)
      add(loss, "tv", weight, losses::tv_squared(made_), terms);
    loss = with_colour_count(loss, made_, batch_.styles, terms);
  }

  Values values_;
  CartoonDefaults defaults_;
  CartoonData data_;
  std::shared_ptr<const Encoder> encoder_;
  std::vector<std::string> style_taps_;
  std::string settings_;
  Network* generator_;
  Critic* critic_;
  CartoonData::Batch batch_;
  Tensor made_;  ///< with its graph, between the turns of a step
};

}  // namespace

std::vector<Option> cartoon_training_options(const CartoonDefaults& defaults) {
  std::vector<Option> own = {
      Option::integer("batch", "photos per step, and as many pictures of the style", 4, 1, 64),
      Option::integer("crop", "side of a training picture in pixels; a multiple of 4", 256, 32, 1024),
      Option::number("smallest-part", "side of a training picture, relative to the shorter side of its photo, at least",
                     0.5, 0.05, 1),
      Option::number("width", "channels of the generator, times the paper's", 1, 0.0625, 4),
      Option::choice("gan-loss", "what the critic's verdicts mean: cross-entropy, least squares, Wasserstein, hinge",
                     defaults.loss, losses::adversarial_names()),
      Option::number("critic-rate", "learning rate of the critic, times the generator's", 2, 1e-3, 1e3),
      Option::integer("critic-width", "channels of the critic's first layer", 32, 1, 512),
      Option::flag("no-spectral-norm", "leave the critic's weights as they are"),
      Option::integer("first-steps", "steps in which the generator learns alone to give photos back", 500, 0, 10000000),
      Option::number("adversarial-weight", "weight of the critic's verdict", defaults.adversarial, 0, 1e6),
      Option::number("content-weight", "weight of the photo's features", defaults.content, 0, 1e6),
      Option::text("content-layer", "layer of the encoder at which they are compared", "relu4_2"),
      Option::number("grey-style-weight", "weight of the Gram matrices of the style in grey", defaults.grey_style, 0,
                     1e6),
      Option::text("style-layers", "layers of the encoder at which they are compared", defaults.style_layers),
      Option::number("color-weight", "weight of the photo's colours", defaults.colour, 0, 1e6),
      Option::number("tv-weight", "weight of the total variation, against noise", defaults.tv, 0, 1e6),
      Option::number("grey-weight", "weight of grey styles among what the critic learns to refuse", defaults.grey, 0,
                     100),
      Option::number("smooth-weight", "weight of styles with smoothed edges among what the critic learns to refuse",
                     defaults.smooth, 0, 100),
      Option::choice("pairs", "photos come with their own target: side by side, the photo on this half", "none",
                     {"none", "left", "right"}),
      Option::path("targets", "with --pairs: folder of the targets, with the names of --photos"),
      Option::integer("held-out", "with --pairs: the last ones, which are shown in the preview and not learnt", 0, 0,
                      1000)};
  return joined_options(std::move(own), colour_count_options());
}

std::unique_ptr<TrainingTask> make_cartoon_training(const Values& values, const TrainingInputs& inputs,
                                                    const CartoonDefaults& defaults) {
  require(values.integer("crop") % 4 == 0,
          "the generator halves pictures twice; give a --crop that is a multiple of 4");
  require(!split(values.text("style-layers")).empty() || values.number("grey-style-weight") == 0,
          "the style in grey needs a layer to be compared at; give --style-layers");
  return std::make_unique<CartoonTraining>(values, inputs, defaults);
}

}  // namespace atelier::methods
