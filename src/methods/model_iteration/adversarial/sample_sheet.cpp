#include "methods/model_iteration/adversarial/sample_sheet.h"

#include <torch/torch.h>

namespace atelier::methods {

Tensor sample_sheet(const std::vector<Tensor>& columns) {
  std::vector<Tensor> sheet;
  for (const auto& column : columns) {
    const auto n = column.size(0), height = column.size(2), width = column.size(3);
    const auto colours = column.to(torch::kCPU).expand({n, 3, height, width});
    sheet.push_back(colours.permute({1, 0, 2, 3}).reshape({1, 3, n * height, width}));
  }
  return torch::cat(sheet, 3).clamp(0, 1);
}

}  // namespace atelier::methods
