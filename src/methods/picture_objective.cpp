#include "methods/picture_objective.h"

#include <torch/torch.h>

#include <sstream>

#include "atelier/error.h"
#include "losses/content.h"
#include "losses/flatness.h"
#include "losses/gram.h"
#include "losses/tv.h"
#include "tensor/resize.h"

namespace atelier {
namespace {

/// What one tap is pulled towards; empty parts are not wanted at this tap.
struct TapTarget {
  std::vector<losses::GramTarget> grams;
  double style_share = 0;
  losses::ContentTarget content;
  double content_share = 0;
};

std::vector<std::string> all_taps(const ObjectiveSettings& settings) {
  std::vector<std::string> taps;
  for (const auto* layers : {&settings.style_layers, &settings.content_layers})
    for (const auto& layer : *layers)
      if (std::find(taps.begin(), taps.end(), layer.tap) == taps.end()) taps.push_back(layer.tap);
  return taps;
}

/// Gram matrices of the styles, the paintings as large as `settings` have them beside a photo of `scale`.
std::vector<StyleGrams> grams_of(const Encoder& encoder, const Inputs& inputs, const ObjectiveSettings& settings,
                                 const Scale& scale) {
  const torch::NoGradGuard no_grad;
  const double shrink =
      settings.style_scale * static_cast<double>(scale.width) / static_cast<double>(inputs.content.size(3));
  // Pooling four times needs 16 pixels at least.
  const auto side = [&](std::int64_t pixels) {
    return std::max<std::int64_t>(32, std::llround(static_cast<double>(pixels) * shrink));
  };
  const auto taps = taps_of(settings.style_layers);
  std::vector<StyleGrams> all;
  for (const auto& style : inputs.styles) {
    const auto picture = resize_picture(style.picture, side(style.picture.size(2)), side(style.picture.size(3)));
    const auto features = encoder.raw_features(picture, taps);
    auto& grams = all.emplace_back(StyleGrams{{}, style.weight, style.mask});
    for (std::size_t i = 0; i < taps.size(); ++i)
      grams.matrices.push_back(losses::read_gram(losses::gram(features[i]), encoder.readout(taps[i])));
  }
  return all;
}

/// @throws Error when they are not the encoder's at these layers.
const std::vector<StyleGrams>& fitting(const std::vector<StyleGrams>& styles, const Encoder& encoder,
                                       const std::vector<WeightedLayer>& layers) {
  for (const auto& style : styles) {
    require(style.matrices.size() == layers.size(), "a style's Gram matrices are not one for each style layer");
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const auto channels = encoder.chain().channels(layers[i].tap);
      require(style.matrices[i].sizes() == torch::IntArrayRef({1, channels, channels}),
              "the Gram matrix of " + layers[i].tap + " is of another encoder than the one that compares");
    }
  }
  return styles;
}

double sum_of_weights(const std::vector<WeightedLayer>& layers) {
  double sum = 0;
  for (const auto& layer : layers) sum += layer.weight;
  return sum;
}

class GatysLoss {
 public:
  GatysLoss(std::shared_ptr<const Encoder> encoder, const Tensor& content, const std::vector<StyleGrams>& styles,
            const ObjectiveSettings& settings, const Scale& scale, std::shared_ptr<Balance> balance)
      : encoder_(std::move(encoder)),
        settings_(settings),
        taps_(all_taps(settings)),
        targets_(taps_.size()),
        balance_(std::move(balance)) {
    const torch::NoGradGuard no_grad;
    const auto resized = resize_picture(content, scale.height, scale.width);
    const auto photo = encoder_->raw_features(resized, taps_);
    set_content(photo);
    if (settings_.flat_tv > 0) tv_weights_ = 1 + settings_.flat_tv * losses::flatness(resized).square();
    double total = 0;
    for (const auto& style : styles) total += style.weight;
    for (const auto& style : styles) add_style(style, style.weight / total, scale);
    if (balance_) photo_style_distance_ = style_distance_of(photo);
  }

  PictureLoss operator()(const Tensor& picture) const {
    const auto x = picture.detach().requires_grad_(true);
    const auto features = encoder_->raw_features(x, taps_);
    PictureLoss loss;
    Sums sums;
    std::vector<Tensor> gradients;
    for (std::size_t t = 0; t < taps_.size(); ++t) gradients.push_back(tap_gradient(t, features[t], sums));
    loss.gradient = torch::autograd::grad(features, {x}, gradients)[0];
    loss.terms = {{"content", sums.content}, {"style", sums.style}};
    if (balance_) {
      balance_->content = std::sqrt(sums.content / std::max(settings_.content_weight, 1e-300));
      balance_->style = sums.style_distance / std::max(photo_style_distance_, 1e-12);
    }
    if (settings_.tv_weight > 0) add_tv(x, loss);
    return loss;
  }

 private:
  struct Sums {
    double content = 0, style = 0;  ///< weighted, as in the loss
    double style_distance = 0;      ///< Σ over taps of ‖G − A‖ / ‖A‖
  };

  double style_distance_of(const std::vector<Tensor>& features) const {
    Sums sums;
    for (std::size_t t = 0; t < taps_.size(); ++t) tap_gradient(t, features[t], sums);
    return sums.style_distance;
  }

  void set_content(const std::vector<Tensor>& photo) {
    for (const auto& layer : settings_.content_layers) {
      auto& target = target_of(layer.tap);
      const auto distance = settings_.paper ? losses::ContentDistance::kPaper : losses::ContentDistance::kRelative;
      target.content = losses::ContentTarget(photo[index_of(layer.tap)], distance, encoder_->readout(layer.tap));
      target.content_share = settings_.content_weight * layer.weight / sum_of_weights(settings_.content_layers);
    }
  }

  void add_style(const StyleGrams& style, double share, const Scale& scale) {
    for (std::size_t i = 0; i < settings_.style_layers.size(); ++i) {
      const auto& layer = settings_.style_layers[i];
      auto& target = target_of(layer.tap);
      // The paper's equal weights of a fifth each are weights normalised to a sum of one.
      target.style_share = settings_.style_weight * layer.weight / sum_of_weights(settings_.style_layers);
      target.grams.push_back({style.matrices[i], share, mask_at(style.mask, layer.tap, scale)});
    }
  }

  Tensor mask_at(const Tensor& mask, const std::string& tap, const Scale& scale) const {
    if (!mask.defined()) return {};
    const auto stride = encoder_->chain().stride(tap);
    return resize(mask, scale.height / stride, scale.width / stride, Filter::kBilinear).clamp(0, 1);
  }

  std::size_t index_of(const std::string& tap) const {
    return static_cast<std::size_t>(std::find(taps_.begin(), taps_.end(), tap) - taps_.begin());
  }

  TapTarget& target_of(const std::string& tap) { return targets_[index_of(tap)]; }

  Tensor tap_gradient(std::size_t tap, const Tensor& features, Sums& sums) const {
    const auto& target = targets_[tap];
    const auto readout = encoder_->readout(taps_[tap]);
    Tensor gradient;
    if (!target.grams.empty()) {
      const auto distance = settings_.paper ? losses::GramDistance::kPaper : losses::GramDistance::kRelative;
      const auto gram = losses::gram_loss_with_gradient(features, target.grams, distance, readout);
      sums.style += target.style_share * gram.loss;
      sums.style_distance += std::sqrt(gram.loss);
      gradient = Tensor(gram.gradient).mul_(target.style_share);
    }
    if (target.content.defined()) {
      const auto content = target.content.loss_with_gradient(features);
      sums.content += target.content_share * content.loss;
      const auto pull = Tensor(content.gradient).mul_(target.content_share);
      gradient = gradient.defined() ? gradient.add_(pull) : pull;
    }
    return gradient;
  }

  void add_tv(const Tensor& x, PictureLoss& loss) const {
    const auto differences =
        tv_weights_.defined() ? losses::weighted_tv_squared(x, tv_weights_) : losses::tv_squared(x);
    const auto tv = differences * settings_.tv_weight;
    loss.gradient = loss.gradient + torch::autograd::grad({tv}, {x})[0];
    loss.terms.emplace_back("tv", tv.item<double>());
  }

  std::shared_ptr<const Encoder> encoder_;
  ObjectiveSettings settings_;
  std::vector<std::string> taps_;
  std::vector<TapTarget> targets_;
  std::shared_ptr<Balance> balance_;
  double photo_style_distance_ = 1;
  Tensor tv_weights_;  ///< [1, 1, H, W]; undefined: all one
};

}  // namespace

std::vector<WeightedLayer> parse_layers(const std::string& text) {
  std::vector<WeightedLayer> layers;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');) {
    WeightedLayer layer{word};
    if (const auto colon = word.find(':'); colon != std::string::npos) {
      layer.tap = word.substr(0, colon);
      std::istringstream number(word.substr(colon + 1));
      require(
          static_cast<bool>(number >> layer.weight) && number.eof() && std::isfinite(layer.weight) && layer.weight > 0,
          "the layer weight in \"" + word + "\" is not a positive number; write for instance relu1_1:0.5");
    }
    layers.push_back(layer);
  }
  require(!layers.empty(), "no layer is named; write for instance relu1_1,relu2_1");
  return layers;
}

std::vector<std::string> taps_of(const std::vector<WeightedLayer>& layers) {
  std::vector<std::string> taps;
  for (const auto& layer : layers) taps.push_back(layer.tap);
  return taps;
}

PictureObjective make_objective(std::shared_ptr<const Encoder> encoder, const Inputs& inputs,
                                const ObjectiveSettings& settings, const Scale& scale,
                                std::shared_ptr<Balance> balance) {
  const auto styles = grams_of(*encoder, inputs, settings, scale);
  const auto objective =
      std::make_shared<GatysLoss>(std::move(encoder), inputs.content, styles, settings, scale, std::move(balance));
  return [objective](const Tensor& picture) { return (*objective)(picture); };
}

PictureObjective make_objective(std::shared_ptr<const Encoder> encoder, const Tensor& content,
                                const std::vector<StyleGrams>& styles, const ObjectiveSettings& settings,
                                const Scale& scale) {
  const auto& fit = fitting(styles, *encoder, settings.style_layers);
  const auto objective = std::make_shared<GatysLoss>(std::move(encoder), content, fit, settings, scale, nullptr);
  return [objective](const Tensor& picture) { return (*objective)(picture); };
}

double content_weight_at(double strength, double weight) { return weight * std::pow(10.0, (50 - strength) / 25); }

std::size_t objective_memory(const Encoder& encoder, const Tensor& picture, long history) {
  constexpr double kKept = 1.25;  // what the allocator keeps beside what lives
  double bytes = 0;
  for (const auto& layer : encoder.chain().layers) {
    const double values = static_cast<double>(layer.weight.size(0)) / std::pow(encoder.chain().stride(layer.name), 2);
    const bool tap = layer.pool_before || &layer == &encoder.chain().layers.front();  // usually
    // Activations and, per layer, the gradient passing by; taps in bfloat16 once more as floats.
    bytes += values * (encoder.bf16() ? 3.2 + (tap ? 4 : 0) : 6.4);
  }
  const double first = static_cast<double>(encoder.chain().layers.front().weight.size(0));
  bytes += 3 * 4 * first + 12.0 * (2.0 * static_cast<double>(history) + 8);  // the history of L-BFGS in pictures
  return static_cast<std::size_t>(kKept * bytes * static_cast<double>(picture.size(2) * picture.size(3)));
}

}  // namespace atelier
