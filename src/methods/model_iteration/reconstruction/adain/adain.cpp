#include <torch/torch.h>

#include "methods/method.h"
#include "methods/model_iteration/reconstruction/decoder_training.h"
#include "methods/model_iteration/reconstruction/paint_levels.h"

namespace atelier::methods::adain {
namespace {

using namespace reconstruction;

/// The layer of the paper.
constexpr const char* kTap = "relu4_1";

/// A thin decoder with random weights.
WeightSet tiny_model() {
  const auto encoder = open_encoder("compact", {.precision = Precision::kFloat32});
  return write_decoders({{kTap, mirror_decoder(encoder->chain(), kTap, {.width = 0.1})}}, "adain", "compact", false);
}

std::vector<Option> options() {
  return joined_options({Option::text("decoder", "model with the decoder", "adain")}, refinement_options({}));
}

std::vector<Option> training_options() {
  auto options = shared_training_options(1, 3);
  options.push_back(Option::number("width", "channels of the decoder relative to the encoder", 1, 0.1, 4));
  return options;
}

std::unique_ptr<TrainingTask> make_training(const Values& values, const TrainingInputs& inputs) {
  auto settings = shared_settings(values);
  settings.method = "adain";
  settings.tap = kTap;
  settings.transform = Transform::kMoments;
  settings.mirror.width = values.number("width");
  return std::make_unique<DecoderTraining>(settings, inputs);
}

}  // namespace

MethodInfo describe() {
  return {"adain",
          "model_iteration/reconstruction",
          "Huang, Belongie: Arbitrary Style Transfer in Real-time with Adaptive Instance Normalization, ICCV 2017",
          "any style in a fraction of a second: each feature channel takes on the painting's mean and deviation",
          options(),
          [](const Values& values) {
            return make_level_painter({"adain", values.text("decoder"), Transform::kMoments, refinement_of(values)});
          },
          false,
          Takes::kPictures,
          tiny_model,
          "decoder",
          make_training,
          training_options()};
}

}  // namespace atelier::methods::adain
