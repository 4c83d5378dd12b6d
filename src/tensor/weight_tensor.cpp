#include "tensor/weight_tensor.h"

#include <cstring>

#include "atelier/error.h"

namespace atelier {
namespace {

DType dtype_of(const Tensor& tensor) {
  switch (tensor.scalar_type()) {
    case torch::kDouble: return DType::kF64;
    case torch::kFloat: return DType::kF32;
    case torch::kHalf: return DType::kF16;
    case torch::kBFloat16: return DType::kBF16;
    case torch::kLong: return DType::kI64;
    default: throw Error("to_weight_set: tensors must be floating point or int64");
  }
}

}  // namespace

Tensor to_float_tensor(const WeightSet& weights, const std::string& name) {
  const auto values = weights.floats(name);
  return torch::tensor(values).reshape(weights.at(name).shape);
}

WeightSet to_weight_set(const std::vector<std::pair<std::string, Tensor>>& tensors) {
  auto buffers = std::make_shared<std::vector<std::vector<std::byte>>>();
  WeightSet set;
  for (const auto& [name, tensor] : tensors) {
    const auto plain = tensor.detach().to(torch::kCPU).contiguous();
    auto& buffer = buffers->emplace_back(plain.nbytes());
    std::memcpy(buffer.data(), plain.data_ptr(), buffer.size());
    set.tensors[name] = {dtype_of(plain), plain.sizes().vec(), {}};
  }
  for (std::size_t i = 0; i < tensors.size(); ++i) set.tensors[tensors[i].first].bytes = (*buffers)[i];
  set.storage = buffers;
  return set;
}

}  // namespace atelier
