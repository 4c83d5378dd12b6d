#include "methods/model_iteration/reconstruction/refined_painting.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "methods/model_iteration/reconstruction/paint_levels.h"
#include "methods/picture_objective.h"
#include "optimise/picture_loop.h"
#include "tensor/resize.h"

namespace atelier::reconstruction {
namespace {

/// Beyond this many pixels only those who ask for it get it: an optimiser needs about a kilobyte for each.
constexpr std::int64_t kMostPixels = 4'000'000;
constexpr std::int64_t kLeastSide = 32;  ///< four poolings, and some pixels left
constexpr double kDraftScale = 0.7;
constexpr double kTvWeight = 2;  ///< against grain in flat areas; a quarter of it shows no effect
constexpr int kHistory = 10;

int steps_for(const Inputs& inputs, const Refinement& refinement) {
  const auto height = inputs.content.size(2), width = inputs.content.size(3);
  if (inputs.strength <= 0 || std::min(height, width) < kLeastSide) return 0;
  return refinement.steps.value_or(height * width <= kMostPixels ? refinement.usual_steps : 0);
}

/// The inputs at the draft's size; `resized` makes a picture or mask of that height and width.
Inputs draft_of(const Inputs& inputs, const std::function<Tensor(const Tensor&, std::int64_t, std::int64_t)>& resized) {
  const auto side = [](std::int64_t pixels) {
    return std::max(std::min(pixels, kLeastSide), static_cast<std::int64_t>(std::llround(kDraftScale * pixels)));
  };
  const auto smaller = [&](const Tensor& picture) {
    return picture.defined() ? resized(picture, side(picture.size(2)), side(picture.size(3))) : picture;
  };
  auto draft = inputs;
  draft.content = smaller(inputs.content);
  for (auto& style : draft.styles) {
    style.picture = smaller(style.picture);
    style.mask = smaller(style.mask);
  }
  return draft;
}

/// Of that size, without memory of its own.
Tensor shape_only(const Tensor& picture, std::int64_t height, std::int64_t width) {
  return torch::zeros({1, 1, 1, 1}).expand({1, picture.size(1), height, width});
}

ObjectiveSettings objective_settings(double content_weight, double strength) {
  ObjectiveSettings settings;
  settings.content_layers = parse_layers("relu4_2:2,relu3_1,relu2_1");
  settings.style_layers = parse_layers(kStyleLayers);
  settings.content_weight = content_weight_at(strength, content_weight);
  settings.tv_weight = kTvWeight;
  return settings;
}

/// Progress of two works as one, and whether its receiver wants to stop.
class JointProgress {
 public:
  JointProgress(const OnProgress& receiver, int second_steps) : receiver_(receiver), second_steps_(second_steps) {}

  OnProgress first() {
    return [this](Progress progress) {
      first_steps_ = progress.steps;
      progress.steps += second_steps_;
      return tell(progress);
    };
  }

  OnProgress second() {
    return [this](Progress progress) {
      progress.step += first_steps_;
      progress.steps += first_steps_;
      return tell(progress);
    };
  }

  bool stopped() const { return stopped_; }

 private:
  bool tell(const Progress& progress) {
    stopped_ = receiver_ && !receiver_(progress);
    return !stopped_;
  }

  const OnProgress& receiver_;
  int first_steps_ = 0, second_steps_;
  bool stopped_ = false;
};

}  // namespace

std::vector<Option> refinement_options(int usual_steps) {
  return {Option::integer("refine", "optimiser steps on the painted picture; above 4 megapixels only if asked for",
                          usual_steps, 0, 10000),
          Option::number("refine-content", "weight of the content in those steps, at strength 50", 0.75, 0, 1e6)};
}

Refinement refinement_of(const Values& values) {
  Refinement refinement;
  refinement.usual_steps = static_cast<int>(values.integer("refine"));
  if (values.given("refine")) refinement.steps = refinement.usual_steps;
  refinement.content_weight = values.number("refine-content");
  return refinement;
}

Tensor paint_refined(const Inputs& inputs, const Refinement& refinement, const std::shared_ptr<const Encoder>& encoder,
                     const PaintOnce& paint, const OnProgress& on_progress) {
  const int steps = steps_for(inputs, refinement);
  if (steps == 0) return paint(inputs, on_progress);
  const auto height = inputs.content.size(2), width = inputs.content.size(3);
  JointProgress progress(on_progress, steps);
  const auto draft = resize_picture(paint(draft_of(inputs, resize_picture), progress.first()), height, width);
  if (progress.stopped()) return draft;
  const auto settings = objective_settings(refinement.content_weight, inputs.strength);
  const auto objective = [&](const Scale& scale, std::size_t) {
    return make_objective(encoder, inputs, settings, scale);
  };
  PictureLoopOptions options;
  options.scales = {{height, width, steps}};
  options.history = kHistory;
  options.keep_best_on_stop = inputs.keep_best_on_stop;
  return optimise_picture(draft, objective, options, progress.second()).lerp(inputs.content, kept_photo(inputs));
}

std::size_t refined_memory(const Inputs& inputs, const Refinement& refinement, const Encoder& encoder,
                           const std::function<std::size_t(const Inputs& inputs)>& painting) {
  if (steps_for(inputs, refinement) == 0) return painting(inputs);
  return std::max(painting(draft_of(inputs, shape_only)), objective_memory(encoder, inputs.content, kHistory));
}

}  // namespace atelier::reconstruction
