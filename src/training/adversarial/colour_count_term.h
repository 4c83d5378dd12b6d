#pragma once
#include <map>
#include <string>

#include "palette/dbscan.h"
#include "tensor/tensor.h"

namespace atelier {

/// Which form of the colour-count loss a generator learns by (losses/colour_count.h).
enum class ColourCount {
  kLiteral,  ///< the paper's |DB(p) − DB(p')|: a constant without gradient, for the record
  kSoft,     ///< a surrogate that pulls colours towards the wanted number of clusters
};

struct ColourCountSettings {
  double weight = 0;  ///< 0: the loss is not computed
  ColourCount form = ColourCount::kSoft;
  DbscanOptions dbscan;
};

/// The term ω · L_colcnt of a generator's loss, for any adversarial training; undefined when its weight is 0. Notes in
/// `terms`: "colours off", the mean |DB(made) − DB(wanted)|, and for the soft form "colour pull", its value.
/// @param made    [N, 3, H, W], with its graph.
/// @param wanted  pictures whose numbers of colours are wanted, one each: partners of pairs, or pictures of the style.
Tensor colour_count_term(const Tensor& made, const Tensor& wanted, const ColourCountSettings& settings,
                         std::map<std::string, double>& terms);

}  // namespace atelier
