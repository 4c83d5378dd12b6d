#include "tensor/openblas.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/machine.h"

namespace atelier {
namespace {

TEST(OpenBlas, TakesTheKernelsOfTheWidestInstructions) {
  EXPECT_EQ(wider_openblas_kernels("Prescott", {"AVX2", "AVX-512"}), "SkylakeX");
  EXPECT_EQ(wider_openblas_kernels("Prescott", {"AVX2"}), "Haswell");
  EXPECT_EQ(wider_openblas_kernels("Barcelona", {"AVX2", "AVX-512"}), "SkylakeX");
}

TEST(OpenBlas, KeepsKernelsThatSuit) {
  EXPECT_EQ(wider_openblas_kernels("Haswell", {"AVX2", "AVX-512"}), "");
  EXPECT_EQ(wider_openblas_kernels("Zen", {"AVX2"}), "");
  EXPECT_EQ(wider_openblas_kernels("Prescott", {}), "");
  EXPECT_EQ(wider_openblas_kernels("", {"AVX2"}), "") << "another BLAS";
}

TEST(OpenBlas, ChoosesAnewInThisProcess) {
  if (openblas_kernels().empty()) GTEST_SKIP() << "another BLAS serves here";
  if (std::getenv("OPENBLAS_CORETYPE") != nullptr) GTEST_SKIP() << "OPENBLAS_CORETYPE was set by the user";
  widen_openblas_kernels(instruction_sets());
  EXPECT_EQ(wider_openblas_kernels(openblas_kernels(), instruction_sets()), "") << openblas_kernels();
  EXPECT_EQ(std::getenv("OPENBLAS_CORETYPE"), nullptr);
}

TEST(OpenBlas, MultipliesAsThePlainSumDoes) {
  widen_openblas_kernels(instruction_sets());
  const auto a = at::rand({67, 133}, at::kDouble), b = at::rand({133, 71}, at::kDouble);
  const auto plain = (a.unsqueeze(2) * b.unsqueeze(0)).sum(1);
  EXPECT_TRUE(at::allclose(at::mm(a, b), plain, 1e-13, 0));
  EXPECT_TRUE(at::allclose(at::mm(a.to(at::kFloat), b.to(at::kFloat)), plain.to(at::kFloat), 1e-5, 0));
}

}  // namespace
}  // namespace atelier
