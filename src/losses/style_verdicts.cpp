#include "losses/style_verdicts.h"

#include <torch/torch.h>

#include "atelier/error.h"

namespace atelier::losses {

Tensor style_divergence(const Tensor& verdicts, const Tensor& style) {
  require(
      verdicts.dim() == 4 && style.dim() == 2 && verdicts.size(0) == style.size(0) && verdicts.size(1) == style.size(1),
      "style_divergence: verdicts and styles differ in number or channels; give a style for each picture");
  const auto wanted = style.unsqueeze(2).unsqueeze(3);
  const auto entropy = -(torch::xlogy(style, style) + torch::xlogy(1 - style, 1 - style)).mean();
  return (torch::softplus(verdicts) - wanted * verdicts).mean() - entropy;
}

}  // namespace atelier::losses
