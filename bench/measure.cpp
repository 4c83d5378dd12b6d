#include "measure.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <fstream>

#include "encoders/random_chain.h"
#include "media/image_file.h"
#include "tensor/image_tensor.h"
#include "tensor/onednn.h"
#include "tensor/resize.h"
#include "tensor/runtime.h"
#include "tensor/weight_tensor.h"
#include "weights/model_store.h"
#include "weights/safetensors.h"

namespace atelier::bench {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

/// The compact encoder's shape (docs/models.md), readouts included: they take time too.
ConvChain random_compact() {
  auto chain = random_chain({2, 2, 3, 3, 1}, {24, 48, 80, 160, 256});
  const auto random = at::detail::createCPUGenerator(5);
  for (const auto* tap : {"relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1", "relu4_2"}) {
    const auto channels = chain.channels(tap);
    chain.readouts[tap] = torch::randn({channels, channels, 1, 1}, random) / std::sqrt(static_cast<double>(channels));
  }
  return chain;
}

/// The largest part of the wanted shape in the middle of a picture file, resized.
Tensor middle_of(const std::string& path, int height, int width) {
  const auto picture = to_tensor(read_image(path));
  const auto high = std::min(picture.size(2), picture.size(3) * height / width);
  const auto wide = std::min(picture.size(3), picture.size(2) * width / height);
  const auto middle =
      picture.narrow(2, (picture.size(2) - high) / 2, high).narrow(3, (picture.size(3) - wide) / 2, wide);
  return resize_picture(middle.contiguous(), height, width).contiguous();
}

}  // namespace

ConvChain chain_named(const std::string& network) {
  if (network == "shape:vgg19") return random_chain({2, 2, 4, 4, 1}, {64, 128, 256, 512, 512});
  if (network == "shape:vgg16") return random_chain({2, 2, 3, 3, 1}, {64, 128, 256, 512, 512});
  if (network == "shape:compact") return random_compact();
  return read_chain(open_model(network));
}

void write_pictures(const std::string& photo, const std::string& style, int height, int width,
                    const std::string& file) {
  write_safetensors(
      file, to_weight_set({{"photo", middle_of(photo, height, width)}, {"style", middle_of(style, height, width)}}));
}

Pictures read_pictures(const std::string& file) {
  const auto stored = read_safetensors(file);
  return {to_float_tensor(stored, "photo"), to_float_tensor(stored, "style")};
}

std::uint64_t peak_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (std::uint64_t kilobytes = 0; word == "VmHWM:" && status >> kilobytes) return kilobytes * 1024;
  return 0;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

json machine() {
  const auto report = runtime_report();
  return {{"cpu", report.cpu},
          {"cores", report.cores},
          {"instruction_sets", report.instruction_sets},
          {"fast_bf16", onednn_has_fast_bf16()},
          {"memory", report.total_memory},
          {"atelier", ATELIER_VERSION},
          {"libtorch", report.torch_version},
          {"libtorch_kernels", report.torch_capability},
          {"onednn", report.onednn_version},
          {"onednn_isa", report.onednn_isa},
          {"blas", to_string(report.blas)},
          {"blas_kernels", report.blas_kernels},
          {"advice", report.advice}};
}

std::vector<double> timed(int warm_up, int count, const std::function<void()>& work) {
  std::vector<double> seconds;
  for (int i = 0; i < warm_up + count; ++i) {
    const auto start = Clock::now();
    work();
    if (i >= warm_up) seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
  }
  return seconds;
}

}  // namespace atelier::bench
