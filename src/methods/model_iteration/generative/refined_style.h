#pragma once
#include <functional>
#include <vector>

#include "methods/refined_painting.h"

/// Optimiser steps after the pass of a network that holds its styles, towards the Gram matrices of their paintings,
/// which the model keeps (networks/kept_grams.h).
namespace atelier::methods {

/// The options of such networks that refinement_of() reads.
std::vector<Option> style_refinement_options();

/// The whole of Method::run(): what `paint` paints, refined (paint_refined()) where steps are asked for, from small
/// copies to the full size: the painting's large forms come first. Below strength 50 the photo is mixed in, as by the
/// network alone.
/// @throws Error  when a style's model keeps no matrices, the encoder that they were made by is not there, or the
///                styles' models were trained by different ones.
Tensor paint_refined_style(const Inputs& inputs, const Refinement& refinement, const PaintOnce& paint,
                           const OnProgress& on_progress);

/// Peak bytes beside the inputs.
/// @param painting  of `paint` on the inputs that it is given.
std::size_t refined_style_memory(const Inputs& inputs, const Refinement& refinement,
                                 const std::function<std::size_t(const Inputs& inputs)>& painting);

/// A method whose networks hold their styles and whose pictures are refined where asked for: what such a method says of
/// its pass alone becomes the whole of Method.
class RefinedStyleMethod : public Method {
 public:
  /// @param values  of options that style_refinement_options() are among.
  explicit RefinedStyleMethod(const Values& values) : refinement_(refinement_of(values)) {}

  Tensor run(const Inputs& inputs, const OnProgress& on_progress) final;
  std::size_t memory_forecast(const Inputs& inputs) const final;

 private:
  virtual Tensor paint(const Inputs& inputs, const OnProgress& on_progress) = 0;
  /// Peak bytes of paint() beside the inputs.
  virtual std::size_t painting_memory(const Inputs& inputs) const = 0;

  Refinement refinement_;
};

}  // namespace atelier::methods
