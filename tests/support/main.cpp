#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "tensor/runtime.h"

// One thread: sums are then taken in one order, so that pictures repeat bit for bit, and ctest
// already runs a test per core.
int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  atelier::configure_runtime(1);
  const int status = RUN_ALL_TESTS();
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  std::fflush(nullptr);
  std::quick_exit(status);  // as the program does (src/cli/main.cpp)
#endif
  return status;
}
