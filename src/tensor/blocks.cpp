#include "tensor/blocks.h"

#include <torch/torch.h>

#include <algorithm>
#include <vector>

namespace atelier {
namespace {

constexpr std::int64_t kLeastPositions = 512;  // of a block: enough work for one call of BLAS
constexpr std::int64_t kMostBlocks = 64;

std::int64_t blocks_of(const Tensor& like, std::int64_t positions) {
  return like.is_cpu() ? std::clamp<std::int64_t>(positions / kLeastPositions, 1, kMostBlocks) : 1;
}

template <typename Work>
void each_block(std::int64_t blocks, std::int64_t positions, const Work& work) {
  at::parallel_for(0, blocks, 1, [&](std::int64_t begin, std::int64_t end) {
    const torch::NoGradGuard no_grad;  // does not reach the threads by itself
    for (auto block = begin; block < end; ++block) {
      const auto first = positions * block / blocks;
      work(block, first, positions * (block + 1) / blocks - first);
    }
  });
}

}  // namespace

void for_blocks(const Tensor& like, std::int64_t positions,
                const std::function<void(std::int64_t, std::int64_t)>& work) {
  each_block(blocks_of(like, positions), positions,
             [&](std::int64_t, std::int64_t first, std::int64_t count) { work(first, count); });
}

void in_one_thread(const std::function<void()>& work) {
  // The second task is empty: there must be two for a team, in which each thread is alone for BLAS.
  at::parallel_for(0, 2, 1, [&](std::int64_t begin, std::int64_t) {
    const torch::NoGradGuard no_grad;
    if (begin == 0) work();
  });
}

Tensor sum_of_blocks(const Tensor& like, std::int64_t positions,
                     const std::function<Tensor(std::int64_t, std::int64_t)>& part) {
  const auto blocks = blocks_of(like, positions);
  std::vector<Tensor> parts(static_cast<std::size_t>(blocks));
  each_block(blocks, positions, [&](std::int64_t block, std::int64_t first, std::int64_t count) {
    parts[static_cast<std::size_t>(block)] = part(first, count);
  });
  auto sum = parts.front();
  for (std::size_t i = 1; i < parts.size(); ++i) sum.add_(parts[i]);
  return sum;
}

}  // namespace atelier
