#include "networks/style_model.h"

namespace atelier {

WeightSet style_model(const Network& network, const std::string& method, bool half) {
  auto weights = write_network(network, half);
  weights.metadata["kind"] = "style";
  weights.metadata["method"] = method;
  return weights;
}

}  // namespace atelier
