#pragma once
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "methods/method.h"
#include "networks/network.h"
#include "networks/peak_memory.h"
#include "weights/weight_set.h"

/// What methods that apply a trained network share: opening models once, padding, running, cropping.
namespace atelier {

/// The weights of the model that a style names, for the method that shall apply it. Weights that name no method pass:
/// they may be another project's.
/// @throws Error when `model` is empty (the style is a picture), does not exist or names another method.
WeightSet open_style_model(const std::string& model, const std::string& method);

/// What run_network() shall compute in for Inputs::precision.
torch::ScalarType compute_type(const std::string& precision);

/// A network that makes a picture of a picture, at any size.
class AppliedNetwork {
 public:
  /// The inputs beside "picture", for a picture as padded.
  using OtherInputs = std::function<std::map<std::string, Tensor>(const Tensor& padded)>;

  /// @param inputs  what the network must take, "picture" first.
  /// @throws Error  when it takes something else.
  explicit AppliedNetwork(Network network, const std::vector<std::string>& inputs = {"picture"});

  const Network& network() const { return network_; }
  /// What the sides of a picture must be multiples of, so that everything the network makes smaller and larger again
  /// meets: read from the graph.
  std::int64_t multiple() const { return multiple_; }
  /// How many times as large as the picture the result is; 1 for most.
  std::int64_t enlargement() const { return enlargement_; }

  /// Pads `picture` by reflection (pad_to_multiple()), runs the network and crops.
  /// @param picture  [N, 3, H, W] in [0, 1].
  /// @return         [N, 3, H, W] times enlargement(), not clamped.
  Tensor paint(const Tensor& picture, torch::ScalarType compute, const OtherInputs& others = {}) const;

 private:
  Network network_;
  std::int64_t multiple_ = 1, enlargement_ = 1;
};

/// The most memory that a network of `inputs.styles` needs (networks/peak_memory.h); they are applied one by one.
/// @param network_of  the network of a style's model.
/// @param others      extents of the networks' inputs beside the picture.
std::size_t widest_memory(const Inputs& inputs,
                          const std::function<const Network&(const std::string& model)>& network_of,
                          const std::map<std::string, Extent>& others = {});

/// Models by name, each opened once.
template <typename Model>
class OpenModels {
 public:
  explicit OpenModels(std::function<Model(const std::string&)> open) : open_(std::move(open)) {}

  /// @throws Error as the function that opens does.
  const Model& operator()(const std::string& name) {
    auto found = models_.find(name);
    if (found == models_.end()) found = models_.emplace(name, open_(name)).first;
    return found->second;
  }

 private:
  std::function<Model(const std::string&)> open_;
  std::map<std::string, Model> models_;
};

}  // namespace atelier
