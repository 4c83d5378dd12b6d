#include "tensor/device.h"

#include <torch/cuda.h>

#include "atelier/error.h"

namespace atelier {
namespace {

constexpr const char* kCuda = "cuda";

/// The number behind "cuda:"; −1 for "cuda" alone.
int index_of(const std::string& name) {
  const auto digits = name == kCuda ? std::string() : name.substr(name.find(':') + 1);
  const bool named = name == kCuda || (name.starts_with("cuda:") && !digits.empty() && digits.size() <= 2 &&
                                       digits.find_first_not_of("0123456789") == std::string::npos);
  require(named, "there is no device \"" + name + "\"; choose cpu, cuda, or cuda:N for one of several");
  return digits.empty() ? -1 : std::stoi(digits);
}

}  // namespace

torch::Device parse_device(const std::string& name, int process) {
  if (name == "cpu") return torch::kCPU;
  const int wanted = index_of(name);
  require(at::hasCUDA(),
          "this build's LibTorch computes on the processor alone; build with a LibTorch that has CUDA, or leave out "
          "--device");
  const auto count = static_cast<int>(torch::cuda::device_count());
  require(count > 0, "there is no GPU that CUDA can use on this machine; check its driver, or leave out --device");
  require(wanted < count, "there is no " + name + "; this machine has " + std::to_string(count) + ", counted from 0");
  return {torch::kCUDA, static_cast<torch::DeviceIndex>(wanted < 0 ? process % count : wanted)};
}

}  // namespace atelier
