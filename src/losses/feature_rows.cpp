#include "losses/feature_rows.h"

#include <torch/torch.h>

#include "atelier/error.h"
#include "tensor/blocks.h"
#include "tensor/gradient.h"

namespace atelier::losses {

Tensor rows_of(const Tensor& features) {
  require(features.dim() == 4 && features.numel() > 0,
          "gram: the features must be [N, C, H, W] with at least one pixel; check what is passed");
  if (features.is_contiguous()) return features.flatten(2);
  return features.permute({0, 2, 3, 1}).flatten(1, 2).transpose(1, 2);
}

Tensor product_with_itself(const Tensor& rows) {
  if (wants_gradient(rows)) return rows.matmul(rows.transpose(1, 2));
  std::vector<Tensor> products;
  for (const auto& sample : rows.detach().unbind(0))
    products.push_back(sum_of_blocks(sample, sample.size(1), [&](std::int64_t first, std::int64_t count) {
      const auto part = sample.narrow(1, first, count);
      return at::mm(part, part.t());
    }));
  return torch::stack(products);
}

Tensor symmetric_product(const Tensor& symmetric, const Tensor& rows) {
  const auto detached = rows.detach(), result = torch::empty_like(detached);
  for (std::int64_t i = 0; i < rows.size(0); ++i) {
    const auto map = (symmetric.dim() == 3 ? symmetric.select(0, symmetric.size(0) == 1 ? 0 : i) : symmetric).detach();
    const auto from = detached.select(0, i), to = result.select(0, i);
    for_blocks(from, from.size(1), [&](std::int64_t first, std::int64_t count) {
      auto part = to.narrow(1, first, count);
      at::mm_out(part, map, from.narrow(1, first, count));
    });
  }
  return result;
}

Tensor as_features(const Tensor& rows, const Tensor& features) {
  if (rows.is_contiguous()) return rows.view(features.sizes());
  return rows.transpose(1, 2).view({features.size(0), features.size(2), features.size(3), -1}).permute({0, 3, 1, 2});
}

Tensor flat(const Tensor& rows) { return rows.is_contiguous() ? rows.flatten() : rows.transpose(1, 2).reshape({-1}); }

}  // namespace atelier::losses
