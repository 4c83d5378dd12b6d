#include "optimise/run_checkpoint.h"

#include <torch/torch.h>

#include <cstring>

#include "atelier/error.h"
#include "tensor/weight_tensor.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

std::vector<double> read_doubles(const WeightSet& saved, const std::string& name) {
  const auto& tensor = saved.at(name);
  require(tensor.dtype == DType::kF64,
          "the checkpoint's " + name + " has a wrong type; delete the file and start again");
  std::vector<double> values(tensor.bytes.size() / sizeof(double));
  std::memcpy(values.data(), tensor.bytes.data(), values.size() * sizeof(double));
  return values;
}

}  // namespace

void write_run_checkpoint(const std::filesystem::path& path, const RunCheckpoint& checkpoint) {
  std::vector<std::pair<std::string, Tensor>> tensors;
  for (std::size_t i = 0; i < checkpoint.optimiser.tensors.size(); ++i)
    tensors.emplace_back("state/" + std::to_string(i), checkpoint.optimiser.tensors[i]);
  tensors.emplace_back("scalars", torch::tensor(checkpoint.optimiser.scalars, torch::kDouble));
  tensors.emplace_back("position",
                       torch::tensor({double(checkpoint.scale), double(checkpoint.step), double(checkpoint.finished),
                                      double(checkpoint.optimiser.tensors.size())},
                                     torch::kDouble));
  tensors.emplace_back("memory", torch::tensor(checkpoint.memory, torch::kDouble));
  if (checkpoint.average.defined()) tensors.emplace_back("average", checkpoint.average);
  auto weights = to_weight_set(tensors);
  weights.metadata["kind"] = "picture-run";
  weights.metadata["identity"] = checkpoint.identity;
  write_safetensors(path, weights);
}

std::optional<RunCheckpoint> read_run_checkpoint(const std::filesystem::path& path, const std::string& identity) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  const auto saved = read_safetensors(path);
  const auto kept = saved.metadata.find("identity");
  require(kept != saved.metadata.end() && kept->second == identity,
          path.string() + " belongs to other pictures or settings; delete it or name another checkpoint");
  RunCheckpoint checkpoint;
  checkpoint.identity = identity;
  const auto position = read_doubles(saved, "position");
  require(position.size() == 4, path.string() + " is damaged; delete it and start again");
  checkpoint.scale = static_cast<int>(position[0]);
  checkpoint.step = static_cast<int>(position[1]);
  checkpoint.finished = static_cast<int>(position[2]);
  for (int i = 0; i < static_cast<int>(position[3]); ++i)
    checkpoint.optimiser.tensors.push_back(to_float_tensor(saved, "state/" + std::to_string(i)));
  checkpoint.optimiser.scalars = read_doubles(saved, "scalars");
  checkpoint.memory = read_doubles(saved, "memory");
  if (saved.tensors.contains("average")) checkpoint.average = to_float_tensor(saved, "average");
  return checkpoint;
}

}  // namespace atelier
