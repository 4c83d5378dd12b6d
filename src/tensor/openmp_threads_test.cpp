#include "tensor/openmp_threads.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <thread>

namespace atelier {
namespace {

double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

TEST(KeepWaitsShort, WhoWaitsForAnotherThreadSleeps) {
  if (std::getenv("OMP_WAIT_POLICY") != nullptr || std::getenv("GOMP_SPINCOUNT") != nullptr)
    GTEST_SKIP() << "the user decided how threads wait";
  keep_waits_short();
  constexpr int kRegions = 20;
  int threads = 1;
  const double before = processor_seconds();
  for (int i = 0; i < kRegions; ++i) {
#pragma omp parallel num_threads(2)
    if (omp_get_thread_num() == 1) {
      threads = omp_get_num_threads();
      std::this_thread::sleep_for(std::chrono::milliseconds(15));
    }
  }
  ASSERT_EQ(threads, 2);
  EXPECT_LT(processor_seconds() - before, 0.1 * kRegions * 0.015) << "most of the waiting is spent turning";
}

}  // namespace
}  // namespace atelier
