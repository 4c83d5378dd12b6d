#include "networks/pixel_conv.h"

#include <torch/torch.h>

#include <array>
#include <vector>

#include "networks/few_outputs_conv.h"
#include "tensor/gradient.h"
#include "tensor/winograd_conv.h"
#include "tensor/winograd_gradient.h"

namespace atelier {
namespace {

Tensor by_pixels(const Tensor& x) { return x.contiguous(torch::MemoryFormat::ChannelsLast); }

struct Step {
  std::int64_t stride, zeros, groups;

  bool plain() const { return stride == 1 && groups == 1; }
};

bool suits_winograd(const Tensor& x, const Tensor& weight) {
  return x.scalar_type() == torch::kFloat && weight.size(2) == 3 && weight.size(3) == 3 &&
         winograd_pays(x.size(0), x.size(1), weight.size(0), x.size(2), x.size(3));
}

Tensor forward(const Tensor& x, const Tensor& weight, const Tensor& bias, const Step& step) {
  if (step.plain() && suits_few_outputs(x, weight)) return few_outputs_conv(x, weight, bias, step.zeros);
  if (step.plain() && suits_winograd(x, weight)) return winograd_conv(x, winograd_weights(weight), bias, step.zeros);
  return torch::conv2d(x, weight, bias, step.stride, step.zeros, 1, step.groups);
}

/// LibTorch's own gradients with respect to x and weight, differentiable.
std::array<Tensor, 2> plain_gradients(const Tensor& gradient, const Tensor& x, const Tensor& weight, const Step& step,
                                      bool of_x, bool of_weight) {
  const std::array<std::int64_t, 2> none{0, 0}, once{1, 1}, stride{step.stride, step.stride},
      zeros{step.zeros, step.zeros};
  auto [x_gradient, weight_gradient, bias_gradient] = at::convolution_backward(
      gradient, x, weight, c10::nullopt, stride, zeros, once, false, none, step.groups, {of_x, of_weight, false});
  return {x_gradient, weight_gradient};
}

/// For the picture, a convolution of the result's gradient by the kernels turned by 180°, inputs and outputs exchanged.
Tensor gradient_of_picture(const Tensor& gradient, const Tensor& x, const Tensor& weight, const Step& step) {
  const auto zeros = weight.size(2) - 1 - step.zeros;
  const auto turned = weight.transpose(0, 1);
  if (step.plain() && zeros >= 0)
    return forward(gradient, turned.flip({2, 3}), {}, {.stride = 1, .zeros = zeros, .groups = 1});
  return plain_gradients(gradient, x, weight, step, true, false)[0];
}

/// For few outputs the picture takes the gradient's part and the gradient the picture's, whose channels are many.
Tensor gradient_of_weight(const Tensor& gradient, const Tensor& x, const Tensor& weight, const Step& step) {
  const auto zeros = weight.size(2) - 1 - step.zeros;
  if (step.plain() && zeros >= 0 && suits_few_outputs(x, weight)) {
    const Step exchanged{.stride = 1, .zeros = zeros, .groups = 1};
    const auto shape = weight.transpose(0, 1).contiguous();
    return plain_gradients(x, gradient, shape, exchanged, false, true)[1].flip({2, 3}).transpose(0, 1).contiguous();
  }
  if (step.plain() && suits_winograd(x, weight)) return winograd_weights_gradient(x, gradient, step.zeros);
  return plain_gradients(gradient, x, weight, step, false, true)[1];
}

/// Every so many-th pixel in both directions.
Tensor every(const Tensor& x, std::int64_t stride) {
  return by_pixels(x.slice(2, c10::nullopt, c10::nullopt, stride).slice(3, c10::nullopt, c10::nullopt, stride));
}

class ConvOfPixels : public torch::autograd::Function<ConvOfPixels> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x, const Tensor& weight,
                        const c10::optional<Tensor>& bias, std::int64_t stride, std::int64_t zeros,
                        std::int64_t groups) {
    context->save_for_backward({x, weight});
    context->saved_data["biased"] = bias.has_value();
    context->saved_data["step"] = std::vector<std::int64_t>{stride, zeros, groups};
    return atelier::forward(x, weight, bias.value_or(Tensor()), {stride, zeros, groups});
  }

  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               torch::autograd::tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto numbers = context->saved_data.at("step").toIntVector();
    const auto &x = saved[0], &weight = saved[1];
    const Step step{numbers[0], numbers[1], numbers[2]};
    const bool of_x = context->needs_input_grad(0), of_weight = context->needs_input_grad(1),
               of_bias = context->saved_data.at("biased").toBool() && context->needs_input_grad(2);
    const auto gradient = by_pixels(gradients[0]);
    const auto bias_gradient = of_bias ? gradient.sum({0, 2, 3}) : Tensor();
    if (torch::GradMode::is_enabled()) {
      const auto both = plain_gradients(gradient, x, weight, step, of_x, of_weight);
      return {both[0], both[1], bias_gradient, Tensor(), Tensor(), Tensor()};
    }
    return {of_x ? gradient_of_picture(gradient, x, weight, step) : Tensor(),
            of_weight ? gradient_of_weight(gradient, x, weight, step) : Tensor(),
            bias_gradient,
            Tensor(),
            Tensor(),
            Tensor()};
  }
};

}  // namespace

Tensor conv_of_pixels(const Tensor& x, const Tensor& weight, const Tensor& bias, std::int64_t stride,
                      std::int64_t zeros, std::int64_t groups) {
  // oneDNN's gradient of strided 1 × 1 weights writes beyond its memory for few channels in this layout
  // (uxlfoundation/oneDNN, issue 6035).
  if (weight.size(2) == 1 && weight.size(3) == 1 && stride > 1)
    return conv_of_pixels(every(torch::constant_pad_nd(x, {zeros, zeros, zeros, zeros}), stride), weight, bias, 1, 0,
                          groups);
  if (wants_gradient(x) || wants_gradient(weight) || (bias.defined() && wants_gradient(bias)))
    return ConvOfPixels::apply(x, weight, bias.defined() ? c10::make_optional(bias) : c10::nullopt, stride, zeros,
                               groups);
  return forward(x, weight, bias, {stride, zeros, groups});
}

}  // namespace atelier
