#include <torch/torch.h>

#include "atelier/error.h"
#include "methods/applied_network.h"
#include "methods/method.h"
#include "methods/model_iteration/reconstruction/decoder_training.h"
#include "methods/model_iteration/reconstruction/paint_levels.h"
#include "tensor/guided_filter.h"
#include "tensor/matting.h"

namespace atelier::methods::photo_wct {
namespace {

using namespace reconstruction;

class PhotoWct final : public Method {
 public:
  explicit PhotoWct(const Values& values)
      : values_(values), levels_([model = values.text("decoders")](const std::string& precision) {
          return open_levels(model, "photo-wct", parse_precision(precision));
        }) {}

  Tensor run(const Inputs& inputs, const OnProgress& on_progress) override {
    require(!inputs.styles.empty(), "photo-wct needs a style picture; add --style PHOTO");
    LevelSettings settings{.alpha = inputs.strength / 50, .margin = kMargin};
    settings.transform = parse_transform(values_.text("transform"));
    if (values_.text("smoothing") != "none")
      settings.finish = [&](const Tensor& picture) { return smoothed(picture, inputs.content); };
    std::vector<Level> levels;
    if (inputs.strength > 0) levels = levels_(inputs.precision);
    return paint_levels(inputs, levels, settings, on_progress);
  }

  std::size_t memory_forecast(const Inputs& inputs) const override {
    if (inputs.strength <= 0) return 0;
    const auto painting = levels_memory(inputs, levels_(inputs.precision));
    if (values_.text("smoothing") != "closed-form") return painting;
    // Affinities and the matrix with its indices: 25 entries a pixel, 24 bytes each.
    return std::max(painting, static_cast<std::size_t>(inputs.content.size(2) * inputs.content.size(3)) * 25 * 24);
  }

 private:
  Tensor smoothed(const Tensor& picture, const Tensor& photo) const {
    if (values_.text("smoothing") == "closed-form")
      return smooth_by_affinity(picture, photo, values_.number("lambda")).clamp(0, 1);
    const auto shorter = std::min(photo.size(2), photo.size(3));
    const auto radius =
        std::max<std::int64_t>(1, std::llround(values_.number("radius") * static_cast<double>(shorter)));
    return guided_filter(picture, photo, radius, values_.number("epsilon")).clamp(0, 1);
  }

  Values values_;
  mutable OpenModels<std::vector<Level>> levels_;  ///< by precision
};

/// Decoders that unpool are as wide as their encoder; two shallow ones are tiny enough.
WeightSet tiny_model() {
  const auto encoder = open_encoder("compact", {.precision = Precision::kFloat32});
  std::vector<std::pair<std::string, Network>> decoders;
  for (const char* tap : {"relu2_1", "relu1_1"})
    decoders.emplace_back(tap, mirror_decoder(encoder->chain(), tap, {.unpool = true}));
  return write_decoders(decoders, "photo-wct", "compact", false);
}

std::unique_ptr<TrainingTask> make_training(const Values& values, const TrainingInputs& inputs) {
  auto settings = level_settings(values, "photo-wct");
  settings.mirror.unpool = true;
  return std::make_unique<DecoderTraining>(settings, inputs);
}

}  // namespace

MethodInfo describe() {
  return {"photo-wct",
          "model_iteration/reconstruction",
          "Li, Liu, Li, Yang, Kautz: A Closed-form Solution to Photorealistic Image Stylization, ECCV 2018",
          "a photo in the light, weather and colours of another photo, without brush strokes",
          {Option::text("decoders", "model with the decoders", "photo-wct"),
           Option::choice("transform",
                          "how the covariance is given: by eigenvalues (paper), Cholesky factors, the map "
                          "that moves least, or channel by channel",
                          "eigen", {"eigen", "cholesky", "optimal", "moments"}),
           Option::choice("smoothing", "the last step: the paper's sparse system, a guided filter (fast), or nothing",
                          "closed-form", {"closed-form", "guided", "none"}),
           Option::number("lambda", "how much the closed form keeps of the picture before it", 1e-4, 1e-8, 100),
           Option::number("radius", "of the guided filter's windows, relative to the shorter side", 0.07, 0.001, 1),
           Option::number("epsilon", "of the guided filter: contrasts below its root are smoothed", 1e-3, 1e-9, 1)},
          [](const Values& values) -> std::unique_ptr<Method> { return std::make_unique<PhotoWct>(values); },
          false,
          Takes::kPictures,
          tiny_model,
          "decoders",
          make_training,
          level_training_options(4)};
}

}  // namespace atelier::methods::photo_wct
