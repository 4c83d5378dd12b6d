#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "encoders/encoder.h"
#include "methods/method.h"
#include "methods/picture_objective.h"

/// Painting in one pass, and then a few optimiser steps on the picture.
namespace atelier {

/// What the steps are told. One pass leaves a picture whose statistics are near the painting's but not on them; from
/// there the loss of Gatys et al. (CVPR 2016) falls within a few steps as far as from the photo in dozens.
struct Refinement {
  std::optional<int> steps = {};  ///< as asked for; else `usual_steps`, and none where that would take much memory
  int usual_steps = 0;            ///< of L-BFGS
  /// At strength 50: half of it for relu4_2, a quarter each for relu3_1 and relu2_1 (edges, letters), beside the Gram
  /// matrices of relu1_1 … relu5_1.
  double content_weight = 0.6;
  /// Longer side, at least, of the smallest copy of the picture that the steps begin with; each of the next copies is
  /// twice as large. Towards Gram matrices that stay the same, small copies are where the large forms come from. What
  /// they give is enlarged and painted over by the method's pass before the last steps, at full size. 0: all steps at
  /// full size.
  std::int64_t coarsest = 0;
};

/// The options "refine", "refine-content" and "refine-from", and what was said to them.
/// @param help   of "refine".
/// @param usual  what holds unless they are given: steps, the content's weight, the coarsest copy.
std::vector<Option> refinement_options(const std::string& help, const Refinement& usual);
/// Those of methods that paint like pictures.
std::vector<Option> refinement_options(const Refinement& usual);
Refinement refinement_of(const Values& values);

/// The pass: Method::run() without refinement.
using PaintOnce = std::function<Tensor(const Inputs& inputs, const OnProgress& on_progress)>;

/// The whole of Method::run(): what `paint` paints, refined where `refinement` says so. What will be refined is painted
/// at 0.7 of the size, which costs half: the steps, or the pass over what small copies gave, put the finest strokes in
/// anyway. 25 points of strength change the content's weight tenfold. Where the photo stays (kept_photo()) it stays.
///
/// @param encoder  whose features the loss compares.
/// @param grams    what the styles want, in the order of kStyleLayers; empty: what their pictures have.
/// @return         [1, 3, H, W] in [0, 1].
Tensor paint_refined(const Inputs& inputs, const Refinement& refinement, const std::shared_ptr<const Encoder>& encoder,
                     const PaintOnce& paint, const OnProgress& on_progress, const std::vector<StyleGrams>& grams = {});

/// Whether `refinement` makes any steps on these inputs.
bool makes_steps(const Inputs& inputs, const Refinement& refinement);

/// Peak bytes beside the inputs.
/// @param painting  of `paint` on the inputs that it is given.
std::size_t refined_memory(const Inputs& inputs, const Refinement& refinement, const Encoder& encoder,
                           const std::function<std::size_t(const Inputs& inputs)>& painting);

}  // namespace atelier
