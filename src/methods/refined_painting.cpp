#include "methods/refined_painting.h"

#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "methods/style_mix.h"
#include "optimise/picture_loop.h"
#include "tensor/resize.h"

namespace atelier {
namespace {

/// Beyond this many pixels only those who ask for it get it: an optimiser needs about a kilobyte for each.
constexpr std::int64_t kMostPixels = 4'000'000;
constexpr std::int64_t kLeastSide = 32;  ///< four poolings, and some pixels left
constexpr double kDraftScale = 0.7;
constexpr double kTvWeight = 2;         ///< against grain in flat areas; a quarter of it shows no effect
constexpr double kTvAfterCopies = 0.2;  ///< two takes the fine strokes away that the second pass paints
constexpr double kFlatTv = 20;          ///< against specks in clear skies; at 50 strokes on skin go too
constexpr int kHistory = 10;
constexpr double kFineShare =
    1.0 / 3;  ///< of the steps, at full size: fewer leave grain; smaller copies share the rest

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

std::vector<Scale> scales_of(const Tensor& picture, const Refinement& refinement, int steps) {
  const auto height = picture.size(2), width = picture.size(3);
  if (refinement.coarsest == 0) return {{height, width, steps}};
  // The shorter side needs kLeastSide pixels on the smallest copy too.
  const auto [shorter, longer] = std::minmax(height, width);
  const auto smallest = std::max(refinement.coarsest, (kLeastSide * longer + shorter - 1) / shorter);
  return coarse_to_fine(height, width, smallest, 2, steps, kFineShare);
}

/// @param copies  whether the steps begin on small ones.
ObjectiveSettings objective_settings(const Refinement& refinement, double strength, bool copies) {
  ObjectiveSettings settings;
  settings.content_layers = parse_layers("relu4_2:2,relu3_1,relu2_1");
  settings.style_layers = parse_layers(kStyleLayers);
  settings.content_weight = content_weight_at(strength, refinement.content_weight);
  settings.tv_weight = copies ? kTvAfterCopies : kTvWeight;
  settings.flat_tv = copies ? 0 : kFlatTv;  // the strokes that small copies bring into skies are wanted
  return settings;
}

/// Progress of several works, one after the other, as one, and whether its receiver wants to stop. The time left is
/// told during the last one only: each knows its own.
class JointProgress {
 public:
  explicit JointProgress(const OnProgress& receiver) : receiver_(receiver) {}

  /// That of the next work.
  /// @param later    steps of those that follow.
  /// @param repeats  how many works of as many steps as this one are among them, beside `later`.
  OnProgress next(int later, int repeats = 0) {
    done_ += steps_;
    steps_ = 0;
    return [this, later, repeats](Progress progress) {
      steps_ = progress.steps;
      progress.step += done_;
      progress.steps = done_ + steps_ * (1 + repeats) + later;
      progress.seconds = std::chrono::duration<double>(Clock::now() - start_).count();
      if (later > 0 || repeats > 0) progress.seconds_left = -1;
      stopped_ = receiver_ && !receiver_(progress);
      return !stopped_;
    };
  }

  /// Of the work under way, as far as it has told.
  int steps() const { return steps_; }
  bool stopped() const { return stopped_; }

 private:
  using Clock = std::chrono::steady_clock;

  const OnProgress& receiver_;
  Clock::time_point start_ = Clock::now();
  int done_ = 0, steps_ = 0;
  bool stopped_ = false;
};

/// One picture's way from the method's pass to the refined result.
class Refiner {
 public:
  Refiner(const Inputs& inputs, const PaintOnce& paint, ObjectiveAtScale objective, const OnProgress& on_progress)
      : inputs_(inputs), paint_(paint), objective_(std::move(objective)), progress_(on_progress) {}

  /// @param first  what is painted first, of any size.
  Tensor at_full_size(const Inputs& first, const std::vector<Scale>& scales) {
    const auto draft = full(paint_(first, progress_.next(total_steps(scales))));
    return progress_.stopped() ? draft : optimised(draft, scales, 0);
  }

  /// The last of `scales` is the full size.
  Tensor from_small_copies(const Inputs& first, const std::vector<Scale>& scales) {
    const std::vector<Scale> small(scales.begin(), scales.end() - 1), last(scales.end() - 1, scales.end());
    const auto draft = paint_(first, progress_.next(total_steps(scales), 1));
    const int runs = progress_.steps();
    if (progress_.stopped()) return full(draft);
    auto over = inputs_;
    over.content = full(optimised(draft, small, runs + total_steps(last)));
    if (progress_.stopped()) return over.content;
    const auto painted = paint_(over, progress_.next(total_steps(last)));
    return progress_.stopped() ? painted : optimised(painted, last, 0);
  }

 private:
  Tensor full(const Tensor& picture) const {
    return resize_picture(picture, inputs_.content.size(2), inputs_.content.size(3));
  }

  Tensor optimised(const Tensor& start, const std::vector<Scale>& scales, int later) {
    PictureLoopOptions options;
    options.scales = scales;
    options.history = kHistory;
    options.keep_best_on_stop = inputs_.keep_best_on_stop;
    return optimise_picture(start, objective_, options, progress_.next(later));
  }

  const Inputs& inputs_;
  const PaintOnce& paint_;
  ObjectiveAtScale objective_;
  JointProgress progress_;
};

}  // namespace

std::vector<Option> refinement_options(const std::string& help, const Refinement& usual) {
  return {Option::integer("refine", help, usual.usual_steps, 0, 10000),
          Option::number("refine-content", "weight of the content in those steps, at strength 50", usual.content_weight,
                         0, 1e6),
          Option::integer("refine-from",
                          "longer side, at least, of the smallest copy that those steps begin with, for large forms; "
                          "0: full size only",
                          usual.coarsest, 0, 4096)};
}

std::vector<Option> refinement_options(const Refinement& usual) {
  return refinement_options("optimiser steps on the painted picture; above 4 megapixels only if asked for", usual);
}

Refinement refinement_of(const Values& values) {
  Refinement refinement;
  refinement.usual_steps = static_cast<int>(values.integer("refine"));
  if (values.given("refine")) refinement.steps = refinement.usual_steps;
  refinement.content_weight = values.number("refine-content");
  refinement.coarsest = values.integer("refine-from");
  return refinement;
}

Tensor paint_refined(const Inputs& inputs, const Refinement& refinement, const std::shared_ptr<const Encoder>& encoder,
                     const PaintOnce& paint, const OnProgress& on_progress, const std::vector<StyleGrams>& grams) {
  if (!makes_steps(inputs, refinement)) return paint(inputs, on_progress);
  const auto scales = scales_of(inputs.content, refinement, steps_for(inputs, refinement));
  const auto settings = objective_settings(refinement, inputs.strength, scales.size() > 1);
  const auto objective = [&](const Scale& scale, std::size_t) {
    return grams.empty() ? make_objective(encoder, inputs, settings, scale)
                         : make_objective(encoder, inputs.content, grams, settings, scale);
  };
  Refiner refiner(inputs, paint, objective, on_progress);
  const auto draft = draft_of(inputs, resize_picture);
  // Where small copies were wanted and there are none, nothing paints over what a draft lacks.
  const auto refined = scales.size() > 1 ? refiner.from_small_copies(draft, scales)
                                         : refiner.at_full_size(refinement.coarsest > 0 ? inputs : draft, scales);
  return refined.lerp(inputs.content, kept_photo(inputs));
}

bool makes_steps(const Inputs& inputs, const Refinement& refinement) { return steps_for(inputs, refinement) > 0; }

std::size_t refined_memory(const Inputs& inputs, const Refinement& refinement, const Encoder& encoder,
                           const std::function<std::size_t(const Inputs& inputs)>& painting) {
  if (!makes_steps(inputs, refinement)) return painting(inputs);
  const auto painted = refinement.coarsest > 0 ? inputs : draft_of(inputs, shape_only);
  return std::max(painting(painted), objective_memory(encoder, inputs.content, kHistory));
}

}  // namespace atelier
