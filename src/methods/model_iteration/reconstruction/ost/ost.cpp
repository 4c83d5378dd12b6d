#include <torch/torch.h>

#include "methods/method.h"
#include "methods/model_iteration/reconstruction/paint_levels.h"
#include "methods/model_iteration/reconstruction/transfer_training.h"

namespace atelier::methods::ost {
namespace {

using namespace reconstruction;

/// Where statistics are transferred, deepest first.
const std::vector<std::string>& taps() {
  static const std::vector<std::string> all = {"relu4_1", "relu3_1", "relu2_1", "relu1_1"};
  return all;
}

/// A thin decoder with random weights.
WeightSet tiny_model() {
  const auto encoder = open_encoder("compact", {.precision = Precision::kFloat32});
  const auto decoder = skip_decoder(encoder->chain(), taps(), {.width = 0.1, .residual_blocks = 0});
  return write_decoders({{taps().front(), decoder}}, "ost", "compact", false);
}

std::unique_ptr<TrainingTask> make_training(const Values& values, const TrainingInputs& inputs) {
  auto settings = transfer_settings(values);
  settings.method = "ost";
  settings.taps = taps();
  return std::make_unique<TransferTraining>(settings, inputs);
}

std::vector<Option> options() {
  const Refinement usual{.usual_steps = 7, .content_weight = 0.35};
  return joined_options({Option::text("decoder", "model with the decoder", "ost")}, refinement_options(usual));
}

}  // namespace

MethodInfo describe() {
  return {"ost",
          "model_iteration/reconstruction",
          "Lu, Zhao, Yao, Zhang: A Closed-form Solution to Universal Style Transfer, ICCV 2019",
          "any style in one pass: the features of four depths take on the painting's statistics, moving the least",
          options(),
          [](const Values& values) {
            return make_level_painter({"ost", values.text("decoder"), Transform::kOptimal, refinement_of(values)});
          },
          false,
          Takes::kPictures,
          tiny_model,
          "decoder",
          make_training,
          transfer_training_options()};
}

}  // namespace atelier::methods::ost
