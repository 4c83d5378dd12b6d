#include <torch/torch.h>

#include "atelier/error.h"
#include "methods/applied_network.h"
#include "methods/method.h"
#include "methods/model_iteration/adversarial/content_gan/network.h"
#include "methods/model_iteration/adversarial/content_gan/project.h"
#include "methods/model_iteration/adversarial/content_gan/train.h"
#include "methods/model_iteration/adversarial/paint_model.h"
#include "methods/model_iteration/adversarial/translators.h"
#include "methods/style_mix.h"
#include "tensor/resize.h"
#include "training/adversarial/adversarial_training.h"

namespace atelier::methods::content_gan {
namespace {

const TranslatorUse kUse{.method = "content-gan"};

bool draws_from_codes(const Network& network) { return network.graph.inputs() == std::vector<std::string>{"code"}; }

/// Draws a photo by a generator of digits: the one that is nearest to it.
Tensor draw_digit(const Network& generator, const Inputs& inputs, const OnProgress& on_progress, int steps) {
  RunCounter counter("searching", steps, on_progress, inputs.keep_best_on_stop);
  const auto search = [&](const Tensor& picture) {
    const auto digit =
        nearest_drawn(generator, picture, steps, inputs.seed, [&](int) { return counter.next(inputs.content); });
    return resize_picture(digit, picture.size(2), picture.size(3));
  };
  const double strength = std::min(inputs.strength, 50.0);  // a digit drawn once more is the same digit
  const auto result = with_strength(inputs.content, strength, search);
  if (strength > 0) counter.next(result);
  return result;
}

class ContentGan final : public Method {
 public:
  explicit ContentGan(int steps) : steps_(steps), translator_(make_translator(kUse)) {}

  Tensor run(const Inputs& inputs, const OnProgress& on_progress) override {
    const torch::NoGradGuard no_grad;
    require(!inputs.styles.empty(), "content-gan paints with a model; add --style MODEL");
    const auto network = open_translator(inputs.styles.front().model, kUse);
    if (!draws_from_codes(network)) return translator_->run(inputs, on_progress);
    require(inputs.styles.size() == 1 && !inputs.styles.front().mask.defined(),
            "a model that draws digits takes the whole picture; give it alone and without a mask");
    return draw_digit(network, inputs, on_progress, steps_);
  }

  std::size_t memory_forecast(const Inputs& inputs) const override {
    for (const auto& style : inputs.styles)
      if (draws_from_codes(open_translator(style.model, kUse))) return 0;
    return translator_->memory_forecast(inputs);
  }

 private:
  int steps_;
  std::unique_ptr<Method> translator_;
};

WeightSet tiny_model() { return generator_model(resnet(1, {.width = 4, .blocks = 1}), "content-gan"); }

}  // namespace

MethodInfo describe() {
  auto info = translator_info("content-gan",
                              "An article, Style transfer that keeps the content of pictures by generative adversarial "
                              "networks, after Goodfellow et al.: Generative Adversarial Nets, NIPS 2014",
                              "a generator that pleases a critic of the style and keeps the photo's content");
  info.options = {
      Option::integer("steps", "steps of the search for a code, for models that draw digits", 150, 1, 10000)};
  info.make = [](const Values& values) -> std::unique_ptr<Method> {
    return std::make_unique<ContentGan>(static_cast<int>(values.integer("steps")));
  };
  info.tiny_model = tiny_model;
  info.make_training = make_training;
  info.training_options = training_options();
  return info;
}

}  // namespace atelier::methods::content_gan
