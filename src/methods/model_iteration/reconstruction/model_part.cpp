#include "methods/model_iteration/reconstruction/model_part.h"

#include "methods/model_iteration/reconstruction/decoders.h"

namespace atelier::reconstruction {
namespace {

WeightSet decoder_at(const WeightSet& model, const std::string& tap) {
  return write_network(join_decoders({{tap, decoder_of(read_network(model), tap)}}), false);
}

WeightSet encoder_up_to(const WeightSet& model, const std::string& tap) {
  auto chain = read_chain(model);
  const auto last = chain.layer_of(tap);
  for (auto i = last + 1; i < chain.layers.size(); ++i) chain.readouts.erase("relu" + chain.layers[i].name.substr(4));
  chain.layers.resize(last + 1);
  return write_chain(chain, false);
}

}  // namespace

WeightSet part_of_model(const WeightSet& model, const std::string& tap) {
  auto part = model.metadata.contains("graph") ? decoder_at(model, tap) : encoder_up_to(model, tap);
  part.metadata.insert(model.metadata.begin(), model.metadata.end());
  return part;
}

}  // namespace atelier::reconstruction
