#include "tensor/vector_math.h"

#include <ATen/Parallel.h>

#include <array>
#include <numeric>

#include "atelier/error.h"

namespace atelier {
namespace {

constexpr std::int64_t kBlock = 16384;
constexpr std::int64_t kBlocksPerThread = 8;  // fewer are not worth another thread
constexpr int kLanes = 16;

// Independent partial sums let the compiler use vector instructions without reordering anything.
template <typename T>
double block_dot(const T* a, const T* b, std::int64_t count) {
  std::array<double, kLanes> sums{};
  std::int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    for (int lane = 0; lane < kLanes; ++lane)
      sums[lane] += static_cast<double>(a[i + lane]) * static_cast<double>(b[i + lane]);
  for (; i < count; ++i) sums[0] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

template <typename T>
double blocked_dot(const T* a, const T* b, std::int64_t count) {
  std::vector<double> blocks((count + kBlock - 1) / kBlock);
  const auto block_count = static_cast<std::int64_t>(blocks.size());
  at::parallel_for(0, block_count, kBlocksPerThread, [&](std::int64_t begin, std::int64_t end) {
    for (auto block = begin; block < end; ++block)
      blocks[block] = block_dot(a + block * kBlock, b + block * kBlock, std::min(kBlock, count - block * kBlock));
  });
  return std::accumulate(blocks.begin(), blocks.end(), 0.0);
}

}  // namespace

double scalar_product(const Tensor& a, const Tensor& b) {
  require(a.sizes() == b.sizes() && a.scalar_type() == b.scalar_type(),
          "scalar_product: the tensors differ in shape or type; check what is passed");
  const bool plain = a.is_contiguous() && b.is_contiguous() && a.is_cpu() && b.is_cpu();
  if (plain && a.scalar_type() == torch::kFloat)
    return blocked_dot(a.data_ptr<float>(), b.data_ptr<float>(), a.numel());
  if (plain && a.scalar_type() == torch::kDouble)
    return blocked_dot(a.data_ptr<double>(), b.data_ptr<double>(), a.numel());
  return (a * b).sum(torch::kDouble).item<double>();
}

}  // namespace atelier
