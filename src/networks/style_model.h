#pragma once
#include <string>

#include "networks/network.h"

namespace atelier {

/// A network as a model file of kind "style", which the method of that name applies.
/// @param half  keep the weights in half precision.
WeightSet style_model(const Network& network, const std::string& method, bool half);

}  // namespace atelier
