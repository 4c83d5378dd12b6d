#include "tensor/colour_transfer.h"

#include "atelier/error.h"
#include "tensor/colour_spaces.h"

namespace atelier::colour {
namespace {

constexpr double kLeastVariance = 1e-5;
constexpr std::int64_t kPixelsAtOnce = 1 << 20;  // bounds the memory for sums in double
constexpr std::int64_t kKnots = 513;             // of the curves in turned axes
constexpr std::int64_t kSample = 1 << 16;        // about so many pixels tell where the knots lie

void check(const Tensor& picture) {
  require(picture.dim() == 4 && picture.size(0) == 1 && picture.size(1) == 3 && picture.numel() > 0,
          "colour: the picture must be [1, 3, H, W] with at least one pixel; convert it to three channels");
}

Tensor symmetric_power(const Tensor& matrix, double exponent) {
  const auto [values, vectors] = torch::linalg_eigh(matrix);
  return vectors.matmul(torch::diag(values.clamp_min(0).pow(exponent))).matmul(vectors.t());
}

// Quantile function of `reference` at the quantile of each value in `values`, row by row: both [3, pixels].
Tensor match_rows(const Tensor& values, const Tensor& reference) {
  const auto sorted = std::get<0>(values.sort(1));
  const auto wanted = std::get<0>(reference.sort(1));
  const auto below = torch::searchsorted(sorted, values, false, false);
  const auto upto = torch::searchsorted(sorted, values, false, true);
  const double last = static_cast<double>(wanted.size(1) - 1);
  const double scale = static_cast<double>(wanted.size(1)) / static_cast<double>(values.size(1));
  const auto rank = ((below + upto).to(torch::kDouble) * (0.5 * scale) - 0.5).clamp(0, last);  // equal values share one
  const auto lower = rank.floor().clamp_max(std::max(last - 1, 0.0));
  const auto index = lower.to(torch::kLong);
  const auto share = (rank - lower).to(values.scalar_type());
  return torch::lerp(wanted.gather(1, index), wanted.gather(1, (index + 1).clamp_max(wanted.size(1) - 1)), share);
}

// Evenly spaced quantiles of each row, [3, kKnots].
Tensor knots(const Tensor& rows) {
  const auto stride = (rows.size(1) + kSample - 1) / kSample | 1;  // odd: does not follow picture columns
  const auto sorted = std::get<0>(rows.slice(1, 0, rows.size(1), stride).sort(1));
  return sorted.index_select(1, torch::linspace(0, sorted.size(1) - 1, kKnots).round().to(torch::kLong));
}

// match_rows() by a curve of kKnots points: all that a round needs which the next one corrects.
Tensor match_rows_roughly(const Tensor& values, const Tensor& reference) {
  const auto from = knots(values).contiguous(), to = knots(reference);
  const auto right = torch::searchsorted(from, values, false, true).clamp(1, kKnots - 1);
  const auto left = right - 1;
  const auto start = from.gather(1, left);
  const auto share = ((values - start) / (from.gather(1, right) - start).clamp_min(1e-6)).clamp_(0, 1);
  return torch::lerp(to.gather(1, left), to.gather(1, right), share);
}

// Turns of the colour axes, the same in every run.
Tensor random_rotation(at::Generator& generator) {
  const auto normal = torch::randn({3, 3}, generator, torch::kFloat);
  return std::get<0>(torch::linalg_qr(normal));
}

}  // namespace

Statistics statistics(const Tensor& picture) {
  check(picture);
  const auto pixels = picture.flatten(2).squeeze(0);  // [3, H·W]
  const auto mean = pixels.mean(1, true, torch::kDouble);
  auto products = torch::zeros({3, 3}, torch::kDouble);
  for (const auto& part : pixels.split(kPixelsAtOnce, 1)) {
    const auto centred = part.to(torch::kDouble) - mean;
    products += centred.matmul(centred.t());
  }
  return {mean.squeeze(1), products / pixels.size(1)};
}

Tensor linear_map(const Tensor& source_covariance, const Tensor& reference_covariance, LinearMap kind) {
  const auto floor = kLeastVariance * torch::eye(3, torch::kDouble);
  const auto source = source_covariance + floor, reference = reference_covariance + floor;
  switch (kind) {
    case LinearMap::kCholesky:
      return torch::linalg_cholesky(reference).matmul(torch::linalg_cholesky(source).inverse());
    case LinearMap::kPca: return symmetric_power(reference, 0.5).matmul(symmetric_power(source, -0.5));
    default: break;
  }
  const auto root = symmetric_power(source, 0.5), inverse_root = symmetric_power(source, -0.5);
  return inverse_root.matmul(symmetric_power(root.matmul(reference).matmul(root), 0.5)).matmul(inverse_root);
}

Tensor match_linear(const Tensor& picture, const Tensor& reference, LinearMap kind) {
  const auto own = statistics(picture), wanted = statistics(reference);
  const auto map = linear_map(own.covariance, wanted.covariance, kind);
  const auto offset = (wanted.mean - map.matmul(own.mean)).unsqueeze(1);
  const auto pixels = picture.flatten(2).squeeze(0);
  return torch::addmm(offset.to(pixels.options()), map.to(pixels.options()), pixels).view(picture.sizes()).clamp_(0, 1);
}

Tensor match_histogram(const Tensor& picture, const Tensor& reference, int rotations) {
  check(picture);
  check(reference);
  require(rotations >= 0, "colour: the number of rotations must not be below 0; raise it");
  auto pixels = picture.flatten(2).squeeze(0).contiguous();
  const auto wanted = reference.to(picture.scalar_type()).flatten(2).squeeze(0).contiguous();
  auto generator = at::detail::createCPUGenerator(1);
  for (int i = 0; i < rotations; ++i) {
    const auto turn = random_rotation(generator).to(pixels.options());
    pixels = turn.t().matmul(match_rows_roughly(turn.matmul(pixels), turn.matmul(wanted)));
  }
  return match_rows(pixels, wanted).view(picture.sizes()).clamp(0, 1);
}

Tensor match_luma(const Tensor& style, const Tensor& content) {
  check(style);
  check(content);
  const auto [style_variance, style_mean] = torch::var_mean(luma(style), /*unbiased=*/false);
  const auto [content_variance, content_mean] = torch::var_mean(luma(content), /*unbiased=*/false);
  const auto gain = ((content_variance + kLeastVariance) / (style_variance + kLeastVariance)).sqrt();
  return ((luma(style) - style_mean) * gain + content_mean).clamp(0, 1).repeat({1, 3, 1, 1});
}

Tensor keep_luma(const Tensor& result, const Tensor& content) {
  check(result);
  check(content);
  require(result.sizes() == content.sizes(), "keep_luma: result and content differ in size; resize the content");
  const auto wanted = luma(result).clamp(0, 1);
  const auto chroma = content - luma(content);  // what I and Q add to each of R, G, B
  const auto room = torch::where(chroma > 0, 1 - wanted, wanted) / chroma.abs().clamp_min(1e-6);
  return (wanted + chroma * std::get<0>(room.min(1, true)).clamp_max(1)).clamp_(0, 1);
}

}  // namespace atelier::colour
