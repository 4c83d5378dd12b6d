#include <gtest/gtest.h>

#include "tensor/runtime.h"

// One thread: sums are then taken in one order, so that pictures repeat bit for bit, and ctest
// already runs a test per core.
int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  atelier::configure_runtime(1);
  return RUN_ALL_TESTS();
}
