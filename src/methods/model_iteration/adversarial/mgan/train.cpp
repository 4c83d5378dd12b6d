#include "methods/model_iteration/adversarial/mgan/train.h"

#include <torch/torch.h>

#include "atelier/error.h"
#include "dataset/pair_pool.h"
#include "encoders/encoder.h"
#include "losses/cartoon.h"
#include "losses/tv.h"
#include "methods/model_iteration/adversarial/adversarial_options.h"
#include "methods/model_iteration/adversarial/colour_count_options.h"
#include "methods/model_iteration/adversarial/mgan/network.h"
#include "methods/model_iteration/adversarial/sample_sheet.h"
#include "training/adversarial/adversarial_training.h"

namespace atelier::methods::mgan {
namespace {

constexpr std::size_t kSamples = 5;
constexpr int kLargestScale = 4;  // pictures are kept up to this many times the crop

AdversarialSettings game_of(const Values& values, const TrainingInputs& inputs) {
  auto settings = game_settings(values, inputs);
  settings.critic.spectral_norm = values.flag("spectral-norm");
  settings.first_steps = values.integer("first-steps");
  return settings;
}

std::vector<Tensor> pictures_of(const std::vector<StyleToLearn>& styles) {
  require(!styles.empty(), "there is no picture of the style; give --style with pictures or folders of them");
  std::vector<Tensor> pictures;
  for (const auto& style : styles) pictures.push_back(style.picture);
  return pictures;
}

std::int64_t channels_at(const Encoder& encoder, const char* tap) {
  const auto& chain = encoder.chain();
  return chain.layers[chain.layer_of(tap)].weight.size(0);
}

/// Li & Wand, ECCV 2016, eq. 1: texture by the critic of patches, content by features, smoothness.
class MganTraining final : public AdversarialTraining {
 public:
  MganTraining(const Values& values, const TrainingInputs& inputs)
      : AdversarialTraining(game_of(values, inputs)),
        values_(values),
        batch_(values.integer("batch")),
        part_{.side = values.integer("crop"), .smallest = values.number("smallest-part"), .device = inputs.device},
        photos_(inputs.photos, static_cast<int>(kLargestScale * part_.side)),
        styles_(pictures_of(inputs.styles)),
        encoder_name_(inputs.encoder),
        encoder_(loss_encoder(inputs.encoder, inputs.bf16, inputs.device)),
        settings_(settings_text("mgan", values, inputs, photos_.size() + styles_.size())) {
    generator_ = &add_generator("generator",
                                generator(inputs.seed, channels_at(*encoder_, kGeneratorTap), values.integer("width")));
    critic_ = &add_critic("critic",
                          critic(inputs.seed + 1, channels_at(*encoder_, kCriticTap), values.integer("critic-width")));
  }

  WeightSet model(const std::vector<Tensor>& averages) const override {
    auto weights = generator_model(averaged("generator", averages), "mgan");
    weights.metadata["encoder"] = encoder_name_;
    return weights;
  }

  std::string settings() const override { return settings_; }

  Tensor preview(const std::vector<Tensor>& averages) const override {
    const torch::NoGradGuard no_grad;
    const auto shown = middle_parts(photos_, 0, kSamples, part_.side);
    return sample_sheet({shown, run_network(averaged("generator", averages), {{"features", features(shown)}})});
  }

 protected:
  Tensor critic_loss(const Turn& turn, Terms& terms) override {
    make(turn);
    const torch::NoGradGuard no_grad;
    const auto real = seen(drawn_styles_);
    const auto made = seen(made_.detach());
    const at::AutoGradMode with_graph(true);
    return critic_->loss(real, made, seed_of(turn, 3), terms);
  }

  Tensor generator_loss(const Turn& turn, Terms& terms) override {
    if (!made_.defined()) make(turn);
    const auto found = encoder_->features(made_, {kCriticTap, kContentTap});
    const auto content = losses::relative_l1(found[1], photo_content());
    const auto tv = losses::tv_squared(made_);
    terms["content"] = content.item<double>();
    terms["tv"] = tv.item<double>();
    auto loss = values_.number("content-weight") * content + values_.number("tv-weight") * tv;
    if (!alone(turn)) {
      const auto texture = critic_->generator_loss({{"features", found[0]}}, seed_of(turn, 5));
      terms["texture"] = texture.item<double>();
      loss = with_colour_count(loss + values_.number("texture-weight") * texture, made_, drawn_styles_, terms);
    }
    made_.reset();
    return loss;
  }

 private:
  Tensor features(const Tensor& pictures) const {
    const torch::NoGradGuard no_grad;
    return encoder_->features(pictures, {kGeneratorTap})[0];
  }

  Tensor photo_content() const {
    const torch::NoGradGuard no_grad;
    return encoder_->features(shown_, {kContentTap})[0];
  }

  NetworkInputs seen(const Tensor& pictures) const {
    return {{"features", encoder_->features(pictures, {kCriticTap})[0]}};
  }

  void make(const Turn& turn) {
    shown_ = draw_parts(photos_, batch_, part_, seed_of(turn, 0));
    drawn_styles_ = draw_parts(styles_, batch_, part_, seed_of(turn, 2));
    made_ = generate(*generator_, {{"features", features(shown_)}}, seed_of(turn, 1));
  }

  Values values_;
  std::int64_t batch_;
  PartOf part_;
  ImagePool photos_, styles_;
  std::string encoder_name_;
  std::shared_ptr<const Encoder> encoder_;
  std::string settings_;
  Network* generator_;
  Critic* critic_;
  Tensor shown_, drawn_styles_;
  Tensor made_;  ///< with its graph, between the turns of a step
};

}  // namespace

std::vector<Option> training_options() {
  return joined_options(
      {Option::integer("batch", "photos per step, and as many pictures of the style", 4, 1, 64),
       Option::integer("crop", "side of a training picture in pixels; a multiple of 16", 256, 64, 1024),
       Option::number("smallest-part",
                      "side of a training picture, relative to the shorter side of its photo, at least", 0.5, 0.05, 1),
       Option::integer("width", "channels of the generator's first layer; half as many after each enlargement", 256, 8,
                       1024),
       Option::choice("gan-loss", "what the critic's verdicts mean: cross-entropy, least squares, Wasserstein, hinge",
                      "hinge", losses::adversarial_names()),
       Option::number("critic-rate", "learning rate of the critic, times the generator's", 1, 1e-3, 1e3),
       Option::integer("critic-width", "channels of the critic's layers", 128, 1, 512),
       Option::flag("spectral-norm", "divide the critic's weights by their largest singular value"),
       Option::integer("first-steps", "steps in which the generator learns alone to give photos back", 200, 0,
                       10000000),
       Option::number("texture-weight", "weight of the critic's verdicts on patches of features", 1, 0, 1e6),
       Option::number("content-weight", "weight of the photo's features", 3, 0, 1e6),
       Option::number("tv-weight", "weight of the total variation, against noise", 1, 0, 1e6)},
      colour_count_options());
}

std::unique_ptr<TrainingTask> make_training(const Values& values, const TrainingInputs& inputs) {
  require(values.integer("crop") % (2 * kMultiple) == 0,
          "the encoder halves pictures four times; give a --crop that is a multiple of 16");
  return std::make_unique<MganTraining>(values, inputs);
}

}  // namespace atelier::methods::mgan
