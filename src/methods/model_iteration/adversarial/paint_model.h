#pragma once
#include <memory>
#include <string>

#include "methods/method.h"
#include "networks/network.h"

namespace atelier::methods {

/// How a translating model is applied.
struct TranslatorUse {
  std::string method;     ///< must be the one that the model names
  bool backward = false;  ///< the network of the other direction, for models that hold two
  bool noisy = false;     ///< with dropout, by the seed of the inputs
};

/// A method that applies generators, one per style: input "picture", any size (extended by reflection to what the
/// network needs and cropped again), strength, masks and several styles as style_mix.h has them.
std::unique_ptr<Method> make_translator(const TranslatorUse& use);

/// The generator of a model file. @throws Error when `model` is empty or the model is not the method's.
Network open_translator(const std::string& model, const TranslatorUse& use);

/// Adds the network of the other direction to a model file: its tensors and graph as "backward/...".
void add_backward(WeightSet& model, const Network& network);

/// What methods that apply generators have in common: a MethodInfo of models alone, without encoder.
MethodInfo translator_info(std::string_view name, std::string_view citation, std::string_view summary);

}  // namespace atelier::methods
