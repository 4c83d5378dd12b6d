#include "training/distillation_teacher.h"

#include <torch/torch.h>

#include <algorithm>

#include "tensor/weight_tensor.h"
#include "weights/model_file.h"

namespace atelier {

DistillationTeacher DistillationTeacher::read(const std::filesystem::path& front_file,
                                              const std::filesystem::path& deep_file) {
  DistillationTeacher teacher;
  teacher.front = read_chain(read_weights(front_file), InputConvention::kCaffe);
  teacher.front.padding = Padding::kReflection;
  const auto deep = read_weights(deep_file);
  teacher.deep = read_chain(deep, InputConvention::kStored);
  teacher.deep.padding = Padding::kReflection;
  for (const auto& layer : teacher.deep.layers) {
    const auto aux = "conv" + layer.name.substr(4, 1) + layer.name.substr(6) + "_aux";
    if (deep.tensors.contains(aux + ".weight"))
      teacher.widened[layer.name] = {to_float_tensor(deep, aux + ".weight"), to_float_tensor(deep, aux + ".bias")};
  }
  return teacher;
}

void DistillationTeacher::move(torch::Device device) {
  move_chain(front, device);
  move_chain(deep, device);
  for (auto& [layer, map] : widened) map = {map.first.to(device), map.second.to(device)};
}

std::vector<std::vector<Tensor>> DistillationTeacher::targets(const Tensor& pictures,
                                                              const std::vector<std::string>& taps,
                                                              torch::ScalarType compute) const {
  std::vector<std::string> exact;
  for (const auto& tap : taps)
    if (tap <= "relu3_1") exact.push_back(tap);
  const auto fronts = chain_features(front, pictures, exact, Pooling::kMax, compute);
  const auto deeps = chain_features(deep, pictures, taps, Pooling::kMax, compute);
  std::vector<std::vector<Tensor>> groups(taps.size());
  for (std::size_t t = 0; t < taps.size(); ++t) {
    groups[t].push_back(deeps[t].to(torch::kFloat));
    const auto position = std::find(exact.begin(), exact.end(), taps[t]);
    const auto wide = widened.find("conv" + taps[t].substr(4));
    if (position != exact.end())
      groups[t].push_back(fronts[static_cast<std::size_t>(position - exact.begin())].to(torch::kFloat));
    else if (wide != widened.end())
      groups[t].push_back(torch::relu(torch::conv2d(groups[t][0], wide->second.first, wide->second.second)));
  }
  return groups;
}

}  // namespace atelier
