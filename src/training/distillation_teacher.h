#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "encoders/conv_chain.h"

namespace atelier {

/// The networks that the compact encoder learns to predict.
struct DistillationTeacher {
  ConvChain front;  ///< the exact VGG-19 through conv3_1
  ConvChain deep;   ///< a compressed VGG-19 through conv5_1
  /// For some layers of `deep`: a 1×1 map into the full VGG-19's channels (weight, bias), ReLU after it.
  std::map<std::string, std::pair<Tensor, Tensor>> widened;

  /// `front_file`: convB_I tensors in Caffe's convention. `deep_file`: convBI tensors with a stored
  /// input layer and optional convBI_aux maps; reflection padding in both, as they were trained.
  static DistillationTeacher read(const std::filesystem::path& front_file, const std::filesystem::path& deep_file);

  void move(torch::Device device);

  /// Groups of target features at `tap`, each [N, C, h, w] float; one group per teacher that has the tap.
  std::vector<std::vector<Tensor>> targets(const Tensor& pictures, const std::vector<std::string>& taps,
                                           torch::ScalarType compute) const;
};

}  // namespace atelier
