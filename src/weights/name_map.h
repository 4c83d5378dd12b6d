#pragma once
#include <optional>
#include <string>

#include "weights/weight_set.h"

namespace atelier {

/// A VGG network found in a weight file, renamed to the paper's layer names.
struct VggWeights {
  std::string architecture;  ///< "vgg16" or "vgg19"
  int convolutions = 0;      ///< from conv1_1 on
  bool complete = false;     ///< all of them: 13 or 16
  WeightSet weights;         ///< conv1_1.weight [64, 3, 3, 3], conv1_1.bias [64], ...; shares the storage
};

/// Recognises VGG-16 and VGG-19 (Simonyan and Zisserman, ICLR 2015, table 1, columns D and E), with torchvision's names
/// (features.0.weight, ...) or the paper's (conv1_1.weight, ...), behind any prefix ("module.", "state_dict.").
/// The convolutions may end early; a net that fits both, having ended before conv3_4, counts as VGG-19. The classifier
/// and everything else is dropped. Metadata is kept; with torchvision's names "preprocessing" = "torchvision" is added
/// (RGB in 0..1, minus the ImageNet mean, divided by its deviation).
/// @return nothing when the names or the shapes are not a VGG's.
std::optional<VggWeights> find_vgg(const WeightSet& weights);

}  // namespace atelier
