#include "tensor/matting.h"

#include <torch/torch.h>

#include <Eigen/Dense>
#include <Eigen/IterativeLinearSolvers>
#include <Eigen/SparseCore>

#include "atelier/error.h"

namespace atelier {
namespace {

constexpr std::int64_t kRow = 25;    // 5 × 5 neighbours
constexpr double kTolerance = 1e-3;  // of the residual; bounds the error by a thousandth of the picture's norm
constexpr int kMostIterations = 2000;

using Matrix = Eigen::SparseMatrix<double, Eigen::RowMajor, std::int64_t>;

/// Adds what the window around (y, x) says about its 81 pairs.
void add_window(const double* planes, std::int64_t y, std::int64_t x, double epsilon, MattingAffinity& affinity) {
  const auto width = affinity.width, pixels = affinity.height * width;
  Eigen::Matrix<double, 9, 3> colours;
  for (int i = 0; i < 9; ++i)
    for (int c = 0; c < 3; ++c) colours(i, c) = planes[c * pixels + (y + i / 3 - 1) * width + x + i % 3 - 1];
  colours.rowwise() -= colours.colwise().mean().eval();
  const Eigen::Matrix3d covariance = colours.transpose() * colours / 9 + epsilon / 9 * Eigen::Matrix3d::Identity();
  const Eigen::Matrix<double, 9, 9> alike =
      (colours * covariance.inverse() * colours.transpose()).array() / 9 + 1.0 / 9;
  for (int i = 0; i < 9; ++i) {
    auto* row = &affinity.rows[static_cast<std::size_t>(((y + i / 3 - 1) * width + x + i % 3 - 1) * kRow)];
    for (int j = 0; j < 9; ++j) row[(j / 3 - i / 3 + 2) * 5 + j % 3 - i % 3 + 2] += alike(i, j);
  }
}

/// D - αW, rows and columns in the pixels' order.
Matrix system(const MattingAffinity& affinity, double alpha) {
  const auto height = affinity.height, width = affinity.width;
  Matrix matrix(height * width, height * width);
  matrix.reserve(height * width * kRow);
  for (std::int64_t i = 0; i < height * width; ++i) {
    matrix.startVec(i);
    const auto y = i / width, x = i % width;
    for (std::int64_t n = 0; n < kRow; ++n) {
      const auto other_y = y + n / 5 - 2, other_x = x + n % 5 - 2;
      if (other_y < 0 || other_y >= height || other_x < 0 || other_x >= width) continue;
      const auto j = other_y * width + other_x;
      const double own = i == j ? affinity.sums[static_cast<std::size_t>(i)] : 0;
      matrix.insertBack(i, j) = own - alpha * affinity.rows[static_cast<std::size_t>(i * kRow + n)];
    }
  }
  matrix.finalize();
  return matrix;
}

}  // namespace

MattingAffinity matting_affinity(const Tensor& picture, double epsilon) {
  require(picture.dim() == 4 && picture.size(0) == 1 && picture.size(1) == 3 && picture.size(2) >= 3 &&
              picture.size(3) >= 3 && epsilon > 0,
          "matting_affinity: the picture must be [1, 3, H, W] of 3 x 3 pixels at least, epsilon above 0");
  MattingAffinity affinity{picture.size(2), picture.size(3), {}, {}};
  const auto pixels = static_cast<std::size_t>(affinity.height * affinity.width);
  affinity.rows.assign(pixels * kRow, 0);
  const auto planes = picture.to(torch::kDouble).contiguous();
  for (std::int64_t y = 1; y + 1 < affinity.height; ++y)
    for (std::int64_t x = 1; x + 1 < affinity.width; ++x)
      add_window(planes.data_ptr<double>(), y, x, epsilon, affinity);
  affinity.sums.assign(pixels, 0);
  for (std::size_t i = 0; i < affinity.rows.size(); ++i) affinity.sums[i / kRow] += affinity.rows[i];
  return affinity;
}

Tensor smooth_by_affinity(const Tensor& picture, const Tensor& guide, double lambda, double epsilon,
                          SmoothingReport* report) {
  require(picture.dim() == 4 && picture.size(0) == 1 && guide.dim() == 4 && picture.size(2) == guide.size(2) &&
              picture.size(3) == guide.size(3),
          "smooth_by_affinity: the picture must be of the guide's size");
  require(lambda > 0, "smooth_by_affinity: lambda must be above 0");
  const double alpha = 1 / (1 + lambda);
  const auto affinity = matting_affinity(guide, epsilon);
  const auto matrix = system(affinity, alpha);
  const Eigen::Map<const Eigen::VectorXd> sums(affinity.sums.data(), matrix.rows());
  Eigen::ConjugateGradient<Matrix, Eigen::Lower | Eigen::Upper> solver;
  solver.setTolerance(kTolerance);
  solver.setMaxIterations(kMostIterations);
  solver.compute(matrix);
  auto planes = picture.to(torch::kDouble).contiguous().clone();
  for (std::int64_t c = 0; c < planes.size(1); ++c) {
    Eigen::Map<Eigen::VectorXd> plane(planes[0][c].data_ptr<double>(), matrix.rows());
    const Eigen::VectorXd wanted = (1 - alpha) * sums.cwiseProduct(plane);
    plane = solver.solveWithGuess(wanted, plane.eval());
    if (report == nullptr) continue;
    report->iterations = std::max(report->iterations, static_cast<int>(solver.iterations()));
    report->error = std::max(report->error, solver.error());
  }
  return planes.to(picture.scalar_type());
}

}  // namespace atelier
