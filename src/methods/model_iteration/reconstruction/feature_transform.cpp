#include "methods/model_iteration/reconstruction/feature_transform.h"

#include <torch/torch.h>

#include "atelier/error.h"
#include "core/nearest_name.h"
#include "tensor/blocks.h"

namespace atelier::reconstruction {
namespace {

void check_features(const Tensor& features) {
  require(features.dim() == 4 && features.size(0) == 1 && features.numel() > 0,
          "feature statistics: features must be [1, C, H, W] with at least one position");
}

void check_map(const Tensor& features, const Tensor& map) {
  require(!map.defined() || (map.dim() == 4 && map.size(0) == 1 && map.size(1) == 1 &&
                             map.size(2) == features.size(2) && map.size(3) == features.size(3)),
          "feature statistics: masks and shares must be [1, 1, H, W] at the features' size");
}

/// E f(D) Eᵀ over the eigenvalues that count; the others contribute nothing.
Tensor power(const Tensor& covariance, double exponent, double least) {
  const auto [values, vectors] = torch::linalg_eigh(covariance);
  const auto kept = values.gt(values.max().clamp_min(0) * least).logical_and(values.gt(0));
  const auto powers = torch::where(kept, values.clamp_min(1e-300).pow(exponent), torch::zeros_like(values));
  return (vectors * powers).matmul(vectors.t());
}

Tensor with_ridge(const Tensor& covariance, double least) {
  const auto channels = covariance.size(0);
  const auto ridge = covariance.trace().clamp_min(1e-20) * least;
  return covariance + ridge * torch::eye(channels, covariance.options());
}

Tensor cholesky_map(const Tensor& content, const Tensor& style, double least) {
  const auto from = torch::linalg_cholesky(with_ridge(content, least)),
             to = torch::linalg_cholesky(with_ridge(style, least));
  // A = L_s L_c⁻¹, from L_cᵀ Aᵀ = L_sᵀ.
  return torch::linalg_solve(from.t(), to.t()).t();
}

Tensor moments_map(const Tensor& content, const Tensor& style, double least) {
  const auto from = with_ridge(content, least).diagonal(), to = with_ridge(style, least).diagonal();
  return torch::diag((to / from).sqrt());
}

Tensor optimal_map(const Tensor& content, const Tensor& style, double least) {
  const auto root = power(content, 0.5, least), inverse_root = power(content, -0.5, least);
  // The middle factor keeps all that the content's directions let through, hence no threshold of its own.
  return inverse_root.matmul(power(root.matmul(style).matmul(root), 0.5, 0)).matmul(inverse_root);
}

Tensor map_of(const Tensor& content, const Tensor& style, Transform transform, double least) {
  switch (transform) {
    case Transform::kMoments: return moments_map(content, style, least);
    case Transform::kCholesky: return cholesky_map(content, style, least);
    case Transform::kOptimal: return optimal_map(content, style, least);
    default: return power(style, 0.5, least).matmul(power(content, -0.5, least));
  }
}

}  // namespace

FeatureStatistics feature_statistics(const Tensor& features, const Tensor& mask) {
  check_features(features);
  check_map(features, mask);
  const auto rows = features.detach()[0].flatten(1);  // [C, positions]
  const auto in_double = rows.options().dtype(torch::kDouble);
  const auto weights =
      mask.defined() ? mask.flatten().to(in_double).clamp_min(0) : torch::ones({rows.size(1)}, in_double);
  const double sum = weights.sum().item<double>(), squares = weights.square().sum().item<double>();
  FeatureStatistics found{torch::zeros({rows.size(0)}, in_double),
                          torch::zeros({rows.size(0), rows.size(0)}, in_double), sum};
  if (sum <= 0) return found;
  const auto in_block = [&](std::int64_t first, std::int64_t count) {
    return rows.narrow(1, first, count).to(torch::kDouble);
  };
  const auto sums = [&](std::int64_t first, std::int64_t count) {
    return in_block(first, count).matmul(weights.narrow(0, first, count));
  };
  const auto products = [&](std::int64_t first, std::int64_t count) {
    const auto centred = in_block(first, count) - found.mean.unsqueeze(1);
    return (mask.defined() ? centred * weights.narrow(0, first, count) : centred).matmul(centred.t());
  };
  found.mean = sum_of_blocks(rows, rows.size(1), sums) / sum;
  const double divisor = sum - squares / sum;
  if (divisor > 1e-9 * sum) found.covariance = sum_of_blocks(rows, rows.size(1), products) / divisor;
  return found;
}

Transform parse_transform(const std::string& name) {
  const std::vector<std::string> names = {"moments", "eigen", "cholesky", "optimal"};
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<Transform>(i);
  throw Error("there is no transform \"" + name + "\"; " +
              did_you_mean(name, names, "choose moments, eigen, cholesky or optimal"));
}

Tensor transform_matrix(const FeatureStatistics& content, const FeatureStatistics& style, Transform transform,
                        double least) {
  require(content.mean.size(0) == style.mean.size(0),
          "transform_matrix: content and style must have the same number of channels");
  Tensor map;
  in_one_thread([&] { map = map_of(content.covariance, style.covariance, transform, least); });
  return map;
}

Tensor transfer_statistics(const Tensor& features, const std::vector<StyleTarget>& styles, Transform transform,
                           double alpha, double least) {
  check_features(features);
  const torch::NoGradGuard no_grad;
  const auto rows = features[0].flatten(1);
  auto change = torch::zeros_like(rows);
  for (const auto& style : styles) {
    check_map(features, style.share);
    const auto own = feature_statistics(features, style.mask);
    if (own.positions < 2) continue;
    const auto map = transform_matrix(own, style.statistics, transform, least);
    const auto offset = (style.statistics.mean - map.matmul(own.mean)).unsqueeze(1);
    const auto moved = torch::addmm(offset.to(rows.scalar_type()), map.to(rows.scalar_type()), rows) - rows;
    change += style.share.defined() ? moved * style.share.flatten().to(rows.scalar_type()) : moved;
  }
  return (rows + alpha * change).reshape(features.sizes());
}

}  // namespace atelier::reconstruction
