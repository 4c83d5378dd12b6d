#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "methods/method.h"
#include "methods/model_iteration/adversarial/adversarial_options.h"
#include "methods/model_iteration/adversarial/paint_model.h"
#include "methods/options.h"
#include "training/style_training.h"

namespace atelier::methods {

/// What tells the methods apart that learn from two unpaired sets of pictures by going there and back.
struct UnpairedRecipe {
  std::string method;
  AdversarialDefaults defaults;
  double cycle_weight = 10;    ///< of the difference after going there and back
  double identity_weight = 0;  ///< of the change to what is in the other set already, times the cycle's weight
  bool squared_cycle = false;  ///< mean square instead of mean magnitude
  double range = 2;            ///< what the paper's pixels span: magnitudes here, of [0, 1], are multiplied by it
  long pool = 0;               ///< pictures of HistoryPool
  Pace pace;
  UnetShape form;     ///< of a U-Net, beside depth, width and dropout
  PatchShape critic;  ///< beside layers and width
};

/// The recipe's options: with_adversarial(), `generator`, and "targets", "cycle-weight", "identity-weight", "pool".
std::vector<Option> unpaired_options(const UnpairedRecipe& recipe, const std::vector<Option>& generator);

/// Two generators and two critics. The photos of `inputs` are one set, the folder or pack "targets" the other. The
/// model holds both generators, the one from photos to targets first.
/// @throws Error when a set holds no picture, or sizes do not fit the networks.
std::unique_ptr<TrainingTask> unpaired_training(const UnpairedRecipe& recipe, const Values& values,
                                                const TrainingInputs& inputs);

/// The option of methods whose models go both ways: "direction".
Option direction_option();
bool backward(const Values& values);

/// The row of such a method in the catalogue, without its tiny model and its training options.
template <UnpairedRecipe (*kRecipe)()>
MethodInfo unpaired_info(std::string_view name, std::string_view citation, std::string_view summary) {
  auto info = translator_info(name, citation, summary);
  info.options = {direction_option()};
  info.make = [](const Values& values) {
    return make_translator({.method = kRecipe().method, .backward = backward(values)});
  };
  info.make_training = [](const Values& values, const TrainingInputs& inputs) {
    return unpaired_training(kRecipe(), values, inputs);
  };
  return info;
}

/// A model of both ways.
WeightSet two_way_model(const std::string& method, const Network& forward, const Network& backward);

}  // namespace atelier::methods
