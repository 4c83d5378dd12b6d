#include "tensor/runtime.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <omp.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "atelier/error.h"
#include "tensor/onednn.h"

namespace atelier {
namespace {

/// Puts the test program's single thread back.
struct Runtime : testing::Test {
  ~Runtime() override { configure_runtime(1); }
};

TEST_F(Runtime, SetsTheThreadsOfBothLibraries) {
  configure_runtime(3);
  EXPECT_EQ(at::get_num_threads(), 3);
  EXPECT_EQ(omp_get_max_threads(), 3);
}

TEST_F(Runtime, TheThreadsReallyWork) {
  configure_runtime(2);
  std::mutex mutex;
  std::set<std::thread::id> ids;
  at::parallel_for(0, 1000, 1, [&](std::int64_t, std::int64_t) {
    const std::lock_guard lock(mutex);
    ids.insert(std::this_thread::get_id());
  });
  EXPECT_EQ(ids.size(), 2U);
}

TEST_F(Runtime, TakesAllCoresByDefault) {
  configure_runtime(0);
  const auto report = runtime_report();
  EXPECT_EQ(report.torch_threads, report.cores);
  EXPECT_EQ(report.openmp_threads, report.cores);
}

TEST_F(Runtime, TakesAllCoresInThreadsStartedLater) {
  configure_runtime(3);
  int seen = 0;
  std::thread([&] { seen = at::get_num_threads(); }).join();
  EXPECT_EQ(seen, 3);
}

TEST_F(Runtime, FlushesDenormalsInEveryWorker) {
  configure_runtime(4);
  EXPECT_TRUE(runtime_report().denormals_flushed);
  const auto tiny = at::full({1 << 16}, std::numeric_limits<float>::min());
  EXPECT_EQ((tiny * 0.5F).abs().max().item<float>(), 0);
}

TEST_F(Runtime, RefusesANegativeCount) { EXPECT_THROW(configure_runtime(-1), Error); }

TEST(RuntimeReport, NamesTheLibraries) {
  const auto report = runtime_report();
  EXPECT_NE(report.torch_version.find('.'), std::string::npos);
  EXPECT_NE(report.onednn_version.find('.'), std::string::npos);
  EXPECT_FALSE(report.blas_path.empty());
  EXPECT_FALSE(report.onednn_isa.empty());
  EXPECT_GT(report.sgemm_gflops, 0);
}

TEST(RuntimeReport, LibTorchUsesAvx512WhereThatIsFast) {
  const auto report = runtime_report();
  const auto& sets = report.instruction_sets;
  if (std::getenv("ATEN_CPU_CAPABILITY") != nullptr && std::getenv("ATEN_CPU_CAPABILITY") != std::string("avx512"))
    GTEST_SKIP() << "ATEN_CPU_CAPABILITY was set by the user";
  if (std::find(sets.begin(), sets.end(), "AVX-512 BF16") == sets.end()) GTEST_SKIP() << "no AVX-512 BF16 here";
  EXPECT_EQ(report.torch_capability, "AVX512");
}

/// A report on a machine with nothing to complain about.
RuntimeReport sound() {
  RuntimeReport report;
  report.instruction_sets = {"AVX2", "AVX-512", "AMX BF16"};
  report.cores = report.torch_threads = report.openmp_threads = 2;
  report.available_memory = std::uint64_t{8} << 30;
  report.denormals_flushed = true;
  report.onednn_isa = "AMX BF16";
  report.blas = Blas::kOpenBlasOpenMp;
  return report;
}

TEST(Advice, IsEmptyWhenAllIsWell) { EXPECT_TRUE(advise(sound()).empty()); }

TEST(Advice, SaysWhatToDoAboutTheReferenceBlas) {
  auto report = sound();
  report.blas = Blas::kReference;
  ASSERT_EQ(advise(report).size(), 1U);
  EXPECT_NE(advise(report)[0].find("libopenblas0-openmp"), std::string::npos);
}

TEST(Advice, NamesTheKernelsThatOpenBlasShouldUse) {
  auto report = sound();
  report.blas_kernels = "Prescott";
  ASSERT_EQ(advise(report).size(), 1U);
  EXPECT_NE(advise(report)[0].find("OPENBLAS_CORETYPE=SkylakeX"), std::string::npos);
}

TEST(Bfloat16, PaysWithAmxAndOnAmd) {
  EXPECT_TRUE(gains_by_bf16("AMX BF16", "GenuineIntel"));
  EXPECT_TRUE(gains_by_bf16("AVX-512 BF16", "AuthenticAMD"));
  EXPECT_FALSE(gains_by_bf16("AVX-512 BF16", "GenuineIntel"));
  EXPECT_FALSE(gains_by_bf16("AVX-512", "AuthenticAMD"));
  EXPECT_FALSE(gains_by_bf16("AVX2 VNNI", "GenuineIntel"));
  EXPECT_FALSE(gains_by_bf16(kNoOneDnn, ""));
}

TEST(Advice, NoticesIdleCoresUnusedAmxAndScarceMemory) {
  auto report = sound();
  report.torch_threads = 1;
  report.onednn_isa = "AVX-512";
  report.available_memory = std::uint64_t{1} << 30;
  EXPECT_EQ(advise(report).size(), 3U);
  for (const auto& advice : advise(report)) EXPECT_NE(advice.find("; "), std::string::npos) << advice;
}

}  // namespace
}  // namespace atelier
