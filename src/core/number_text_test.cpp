#include "core/number_text.h"

#include <gtest/gtest.h>

namespace atelier {
namespace {

TEST(NumberText, ReadsBackTheSame) {
  for (const double value : {0.0, 0.1, 1e-9, 1.0 / 3.0, 12345678.9, 1e300})
    EXPECT_EQ(std::stod(as_typed(value)), value);
}

TEST(NumberText, IsShort) {
  EXPECT_EQ(as_typed(0.1), "0.1");
  EXPECT_EQ(as_typed(std::int64_t{1'000'000'000'000}), "1000000000000");
}

}  // namespace
}  // namespace atelier
