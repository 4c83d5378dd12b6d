#pragma once
#include <gtest/gtest.h>

#include <algorithm>

#include "weights/weight_set.h"

namespace atelier::test {

/// Expects the same tensors, byte by byte.
inline void expect_same_tensors(const WeightSet& a, const WeightSet& b) {
  ASSERT_EQ(a.tensors.size(), b.tensors.size());
  for (const auto& [name, tensor] : a.tensors)
    EXPECT_TRUE(std::equal(tensor.bytes.begin(), tensor.bytes.end(), b.at(name).bytes.begin())) << name;
}

}  // namespace atelier::test
