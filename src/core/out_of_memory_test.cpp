#include "core/out_of_memory.h"

#include <gtest/gtest.h>

#include <new>
#include <stdexcept>

namespace atelier {
namespace {

TEST(OutOfMemory, IsToldFromOtherFaults) {
  EXPECT_TRUE(out_of_memory(std::bad_alloc()));
  EXPECT_TRUE(
      out_of_memory(std::runtime_error("DefaultCPUAllocator: not enough memory: you tried to allocate 4 bytes.")));
  EXPECT_TRUE(
      out_of_memory(std::runtime_error("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes.")));
  EXPECT_TRUE(out_of_memory(std::runtime_error("CUDA out of memory. Tried to allocate 2.00 GiB")));
  EXPECT_FALSE(out_of_memory(std::runtime_error("shapes differ")));
}

}  // namespace
}  // namespace atelier
