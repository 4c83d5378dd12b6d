#include <torch/torch.h>

#include "atelier/error.h"
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

class Ost final : public Method {
 public:
  explicit Ost(const Values& values) : model_(values.text("decoder")) {}

  Tensor run(const Inputs& inputs, const OnProgress& on_progress) override {
    require(!inputs.styles.empty(), "ost needs a style picture; add --style PAINTING");
    const LevelSettings settings{.transform = Transform::kOptimal, .alpha = inputs.strength / 50, .margin = kMargin};
    std::vector<Level> levels;
    if (inputs.strength > 0) levels = open_levels(model_, "ost", parse_precision(inputs.precision));
    return paint_levels(inputs, levels, settings, on_progress);
  }

 private:
  std::string model_;
};

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

}  // namespace

MethodInfo describe() {
  return {"ost",
          "model_iteration/reconstruction",
          "Lu, Zhao, Yao, Zhang: A Closed-form Solution to Universal Style Transfer, ICCV 2019",
          "any style in one pass: the features of four depths take on the painting's statistics, moving the least",
          {Option::text("decoder", "model with the decoder", "ost")},
          [](const Values& values) -> std::unique_ptr<Method> { return std::make_unique<Ost>(values); },
          false,
          Takes::kPictures,
          tiny_model,
          "decoder",
          make_training,
          transfer_training_options()};
}

}  // namespace atelier::methods::ost
