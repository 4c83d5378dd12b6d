#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tensor/tensor.h"
#include "weights/weight_set.h"

/// The Gram matrices of the paintings that a network learnt, kept in the model's file, so that its pictures can be
/// refined without the paintings.
namespace atelier {

/// The encoder by whose features matrices were made.
struct GramSource {
  std::string encoder;  ///< its model's name
  std::string sha256;   ///< content_sha256() of its weights
};

/// A layer of it, and how many channels it has.
struct TapWidth {
  std::string tap;
  std::int64_t channels = 0;
};

/// Adds the Gram matrices of all styles in half precision: of each its upper triangle, divided by its largest absolute
/// value, as "painting_gram.TAP" [styles, C · (C + 1) / 2], and that value as "painting_gram.TAP.unit" [styles].
/// @param grams  by tap, [styles, C, C], symmetric.
void keep_grams(WeightSet& model, const GramSource& source, const std::map<std::string, Tensor>& grams);

/// Whose features the kept matrices are of; nothing when the model keeps none.
std::optional<GramSource> gram_source(const WeightSet& model);

/// One style's matrices, [1, C, C] float32, in the order of `taps`.
/// @param style   which of the model's styles, from 0.
/// @throws Error  when a tap's are missing, of another shape, or not finite.
std::vector<Tensor> kept_grams(const WeightSet& model, std::int64_t style, const std::vector<TapWidth>& taps);

}  // namespace atelier
