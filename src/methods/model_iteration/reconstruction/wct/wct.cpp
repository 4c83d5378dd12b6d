#include <torch/torch.h>

#include <sstream>

#include "atelier/error.h"
#include "methods/applied_network.h"
#include "methods/method.h"
#include "methods/model_iteration/reconstruction/decoder_training.h"
#include "methods/model_iteration/reconstruction/paint_levels.h"

namespace atelier::methods::wct {
namespace {

using namespace reconstruction;

/// "relu5_1", … from "5,4,3,2,1", in that order.
std::vector<std::string> parse_levels(const std::string& text) {
  std::vector<std::string> taps;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');) {
    require(word.size() == 1 && word[0] >= '1' && word[0] <= '5',
            "there is no level \"" + word + "\"; write numbers from 1 to 5, for instance 5,4,3,2,1");
    taps.push_back(tap_of_level(word[0] - '0'));
  }
  require(!taps.empty(), "no level is named; write for instance 5,4,3,2,1");
  return taps;
}

class Wct final : public Method {
 public:
  explicit Wct(const Values& values)
      : levels_([model = values.text("decoders"), taps = parse_levels(values.text("levels"))](
                    const std::string& precision) { return chosen(model, taps, parse_precision(precision)); }),
        alpha_(values.number("alpha")),
        refinement_(refinement_of(values)) {
    settings_.transform = parse_transform(values.text("transform"));
    settings_.margin = kMargin;
  }

  Tensor run(const Inputs& inputs, const OnProgress& on_progress) override {
    require(!inputs.styles.empty(), "wct needs a style picture; add --style PAINTING");
    auto settings = settings_;
    // Strength 50 is the α of the option, 100 all of the style's statistics.
    settings.alpha =
        inputs.strength <= 50 ? alpha_ * inputs.strength / 50 : alpha_ + (1 - alpha_) * (inputs.strength - 50) / 50;
    const auto levels = inputs.strength > 0 ? levels_(inputs.precision) : std::vector<Level>();
    return paint_and_refine(inputs, levels, settings, refinement_, on_progress);
  }

  std::size_t memory_forecast(const Inputs& inputs) const override {
    return inputs.strength > 0 ? refined_levels_memory(inputs, levels_(inputs.precision), refinement_) : 0;
  }

 private:
  static std::vector<Level> chosen(const std::string& model, const std::vector<std::string>& taps,
                                   Precision precision) {
    const auto all = open_levels(model, "wct", precision);
    std::vector<Level> levels;
    for (const auto& tap : taps) {
      const auto found = std::find_if(all.begin(), all.end(), [&](const auto& level) { return level.tap == tap; });
      require(found != all.end(), "the model \"" + model + "\" has no decoder for " + tap + "; leave that level out");
      levels.push_back(*found);
    }
    return levels;
  }

  mutable OpenModels<std::vector<Level>> levels_;  ///< by precision
  double alpha_;
  Refinement refinement_;
  LevelSettings settings_;
};

/// Thin decoders with random weights.
WeightSet tiny_model() {
  const auto encoder = open_encoder("compact", {.precision = Precision::kFloat32});
  std::vector<std::pair<std::string, Network>> decoders;
  for (const auto& tap : parse_levels("5,4,3,2,1"))
    decoders.emplace_back(tap, mirror_decoder(encoder->chain(), tap, {.width = 0.1}));
  return write_decoders(decoders, "wct", "compact", false);
}

std::unique_ptr<TrainingTask> make_training(const Values& values, const TrainingInputs& inputs) {
  auto settings = level_settings(values, "wct");
  settings.transform = Transform::kEigen;
  return std::make_unique<DecoderTraining>(settings, inputs);
}

std::vector<Option> options() {
  const std::vector<Option> own = {
      Option::text("decoders", "model with the decoders, or a folder with encoder-N and decoder-N", "wct"),
      Option::text("levels", "depths to go through, coarse to fine: 5 is relu5_1", "5,4,3,2,1"),
      Option::choice("transform",
                     "how the covariance is given: by eigenvalues (paper), Cholesky factors, the map that moves least, "
                     "or channel by channel as adain does",
                     "eigen", {"eigen", "cholesky", "optimal", "moments"}),
      Option::number("alpha", "share of the transformed features at strength 50", 0.6, 0, 1)};
  return joined_options(own, refinement_options({}));
}

}  // namespace

MethodInfo describe() {
  return {"wct",
          "model_iteration/reconstruction",
          "Li, Fang, Yang, Wang, Lu, Yang: Universal Style Transfer via Feature Transforms, NIPS 2017",
          "any style in about a second, nothing is trained per style: features take on the style's covariance",
          options(),
          [](const Values& values) -> std::unique_ptr<Method> { return std::make_unique<Wct>(values); },
          false,
          Takes::kPictures,
          tiny_model,
          "decoders",
          make_training,
          level_training_options(5)};
}

}  // namespace atelier::methods::wct
