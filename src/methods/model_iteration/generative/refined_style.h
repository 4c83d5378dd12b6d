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

}  // namespace atelier::methods
