#include "stylize/forecast.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atelier/error.h"

namespace atelier {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string refusal(std::uint64_t memory, std::size_t needed, int longer_side) {
  Request request;
  request.memory = memory;
  try {
    require_memory(request, needed, longer_side);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kBadRequest);
    return error.what();
  }
  return {};
}

TEST(Forecast, IsToldInRoundNumbers) {
  EXPECT_EQ(described({640'000'000, 20.4}), "needs about 640 MB of memory and 20 s");
  EXPECT_EQ(described({1'340'000'000, 0.2}), "needs about 1.3 GB of memory and 1 s");
  EXPECT_EQ(described({0, 250}), "needs about 4 min");
  EXPECT_EQ(described({0, 9000}), "needs about 2.5 h");
  EXPECT_EQ(described({2'000'000, 20}), "needs about 2 MB of memory and 20 s");
  EXPECT_EQ(described({640'000'000, 0}), "needs about 640 MB of memory");
  EXPECT_EQ(described({2'000'000, 1}), "");
  EXPECT_EQ(described({}), "");
}

TEST(Forecast, WhatFitsIsNotRefused) {
  EXPECT_EQ(refusal(1'000'000'000, 1'000'000'000, 512), "");
  EXPECT_EQ(refusal(0, 1'000'000, 512), "");  // a megabyte is free
}

TEST(Forecast, ARefusalNamesTheSizeThatFits) {  // a quarter of the memory: half the side, less a tenth of the memory
  const auto text = refusal(1'000'000'000, 4'000'000'000, 1000);
  EXPECT_THAT(text, HasSubstr("about 4.0 GB of memory and 1.0 GB may be used"));
  EXPECT_THAT(text, HasSubstr("give --size 474 or less, or a larger --memory"));
  EXPECT_EQ(refusal(1'000'000'000, 999'000'000, 474), "");
}

TEST(Forecast, ARefusalNamesNoAbsurdSize) {
  EXPECT_THAT(refusal(1'000'000, 4'000'000'000, 1000), HasSubstr("; give a larger --memory"));
  EXPECT_THAT(refusal(0, std::size_t{1} << 60, 1000), HasSubstr("; close other programs"));
  EXPECT_THAT(refusal(0, std::size_t{1} << 60, 1000), Not(HasSubstr("--size")));
}

}  // namespace
}  // namespace atelier
