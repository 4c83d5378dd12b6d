#include <torch/torch.h>

#include <array>
#include <vector>

#include "atelier/error.h"
#include "networks/pixel_blocks.h"
#include "networks/pixel_moments.h"
#include "networks/pixel_norm.h"

namespace atelier {
namespace {

/// With x̂ = (x − mean) / deviation and means over a channel's places: the gradient of the picture is weight / deviation
/// · (g − mean(g) − x̂ · mean(g · x̂)), that of the weight Σ g · x̂, that of the bias Σ g. Of these, in plain operations.
std::array<Tensor, 3> plain_gradients(const Tensor& g, const Tensor& x, const Tensor& weight, double epsilon) {
  const auto mean_of = [](const Tensor& t) { return t.mean({2, 3}, true); };
  const auto centred = x - mean_of(x), inverse = (mean_of(centred.square()) + epsilon).rsqrt(),
             unit = centred * inverse;
  const auto weights = weight.reshape({x.size(0), x.size(1), 1, 1});
  return {weights * inverse * (g - mean_of(g) - unit * mean_of(g * unit)), (g * unit).sum({2, 3}).flatten(),
          g.sum({2, 3}).flatten()};
}

/// Per channel Σ g and Σ g · (x − mean), over some pixels.
[[gnu::optimize("O3")]] void sum_up(const float* g, const float* x, std::int64_t count, std::int64_t channels,
                                    const float* mean, float* sums, float* products) {
  for (std::int64_t i = 0; i < count; ++i)
    for (std::int64_t c = 0; c < channels; ++c) {
      sums[c] += g[i * channels + c];
      products[c] += g[i * channels + c] * (x[i * channels + c] - mean[c]);
    }
}

/// by_g · g + by_x · (x − mean) + shift, per channel.
[[gnu::optimize("O3")]] void combine(const float* g, const float* x, std::int64_t count, std::int64_t channels,
                                     const float* mean, const float* by_g, const float* by_x, const float* shift,
                                     float* result) {
  for (std::int64_t i = 0; i < count; ++i)
    for (std::int64_t c = 0; c < channels; ++c)
      result[i * channels + c] = by_g[c] * g[i * channels + c] + by_x[c] * (x[i * channels + c] - mean[c]) + shift[c];
}

/// The same in two passes over the pixels, for what the norm knew.
class Gradients {
 public:
  /// @param moments  [2, N · C]: mean and 1 / deviation.
  Gradients(const Tensor& g, const Tensor& x, const Tensor& weight, const Tensor& moments)
      : g_(g),
        x_(x),
        weight_(weight.to(torch::kDouble).contiguous()),
        means_(moments[0].to(torch::kFloat)),
        inverse_(moments[1]),
        blocks_{x.size(2) * x.size(3)} {}

  std::array<Tensor, 3> run() const {
    const auto both = sums();
    const auto sums_of_g = both[0].sum(1).flatten(), products = both[1].sum(1).flatten() * inverse_;
    const auto pixels = static_cast<double>(blocks_.pixels);
    const auto by_g = weight_ * inverse_, by_x = by_g * inverse_ * products / -pixels,
               shift = by_g * sums_of_g / -pixels;
    return {combined(by_g.to(torch::kFloat), by_x.to(torch::kFloat), shift.to(torch::kFloat)),
            products.to(torch::kFloat), sums_of_g.to(torch::kFloat)};
  }

 private:
  std::int64_t place(std::int64_t picture, std::int64_t block) const {
    return (picture * blocks_.pixels + block * PixelBlocks::kBlock) * x_.size(1);
  }

  /// [2, N, blocks, C]
  Tensor sums() const {
    const auto pictures = x_.size(0), channels = x_.size(1);
    const auto parts = torch::zeros({2, pictures, blocks_.count(), channels});
    blocks_.each(pictures, [&](std::int64_t picture, std::int64_t block) {
      auto* const part = parts.data_ptr<float>() + (picture * blocks_.count() + block) * channels;
      const auto first = place(picture, block);
      sum_up(g_.data_ptr<float>() + first, x_.data_ptr<float>() + first, blocks_.size(block), channels,
             means_.data_ptr<float>() + picture * channels, part, part + parts.stride(0));
    });
    return parts.to(torch::kDouble);
  }

  Tensor combined(const Tensor& by_g, const Tensor& by_x, const Tensor& shift) const {
    const auto pictures = x_.size(0), channels = x_.size(1);
    const auto result = torch::empty_like(x_);
    blocks_.each(pictures, [&](std::int64_t picture, std::int64_t block) {
      const auto first = place(picture, block), at = picture * channels;
      combine(g_.data_ptr<float>() + first, x_.data_ptr<float>() + first, blocks_.size(block), channels,
              means_.data_ptr<float>() + at, by_g.data_ptr<float>() + at, by_x.data_ptr<float>() + at,
              shift.data_ptr<float>() + at, result.data_ptr<float>() + first);
    });
    return result;
  }

  Tensor g_, x_, weight_, means_, inverse_;
  PixelBlocks blocks_;
};

Tensor mean_and_inverse_deviation(const std::vector<Moments>& moments, double epsilon) {
  const auto all = torch::empty({2, static_cast<std::int64_t>(moments.size())}, torch::kDouble);
  auto* to = all.data_ptr<double>();
  for (std::size_t i = 0; i < moments.size(); ++i) {
    to[i] = moments[i].mean;
    to[moments.size() + i] = moments[i].inverse_deviation(epsilon);
  }
  return all;
}

class LearningNorm : public torch::autograd::Function<LearningNorm> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x, const Tensor& weight,
                        const Tensor& bias, double epsilon) {
    const auto moments = moments_of_pixels(x, NormOver::kChannel);
    context->save_for_backward({x, weight});
    context->saved_data["moments"] = mean_and_inverse_deviation(moments, epsilon);
    context->saved_data["epsilon"] = epsilon;
    return norm_by_moments(x, moments, weight, bias, epsilon, false);
  }

  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               torch::autograd::tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto g = gradients[0].contiguous(torch::MemoryFormat::ChannelsLast);
    const auto of = torch::GradMode::is_enabled()
                        ? plain_gradients(g, saved[0], saved[1], context->saved_data.at("epsilon").toDouble())
                        : Gradients(g, saved[0], saved[1], context->saved_data.at("moments").toTensor()).run();
    return {of[0], of[1], of[2], Tensor()};
  }
};

}  // namespace

Tensor learning_instance_norm(const Tensor& pixels, const Tensor& weight, const Tensor& bias, double epsilon) {
  require(pixels.dim() == 4 && pixels.numel() > 0 && pixels.is_cpu() && pixels.scalar_type() == torch::kFloat &&
              pixels.is_contiguous(torch::MemoryFormat::ChannelsLast),
          "learning_instance_norm: the pictures must be [N, C, h, w] in float32 with channels last, on the processor");
  require(weight.numel() == pixels.size(0) * pixels.size(1) && bias.numel() == weight.numel(),
          "learning_instance_norm: weight and bias must have a value for each channel of every picture");
  return LearningNorm::apply(pixels, weight, bias, epsilon);
}

}  // namespace atelier
