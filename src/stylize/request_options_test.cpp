#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atelier/error.h"
#include "atelier/stylize.h"
#include "stylize/settings.h"

namespace atelier {
namespace {

TEST(RequestOptions, DescribeTheDefaultsOfARequest) {
  const auto typed = typed_options(Request{});
  ASSERT_EQ(typed.size(), request_options().size());
  for (const auto& option : request_options()) EXPECT_EQ(typed.at(option.name), option.default_value) << option.name;
}

TEST(RequestOptions, TravelThroughTextUnchanged) {
  Request request;
  request.method = "gatys";
  request.strength = 100.0 / 3;
  request.size = 1024;
  request.colour = "luma";
  request.seed = (1ULL << 53) - 1;
  request.memory = 3'000'000'001;
  request.keep_best_on_stop = true;
  request.strip = true;
  request.threads = 3;
  Request copy;
  apply_options(copy, typed_options(request));
  EXPECT_EQ(typed_options(copy), typed_options(request));
  EXPECT_EQ(copy.strength, request.strength);
  EXPECT_EQ(copy.seed, request.seed);
}

TEST(RequestOptions, LeaveOtherMembersAlone) {
  Request request;
  request.size = 99;
  apply_options(request, {{"strength", "12.5"}});
  EXPECT_EQ(request.strength, 12.5);
  EXPECT_EQ(request.size, 99);
}

TEST(RequestOptions, RefuseWhatIsOutOfRange) {
  Request request;
  EXPECT_THROW(apply_options(request, {{"strength", "100.1"}}), Error);
  EXPECT_THROW(apply_options(request, {{"colour", "style"}}), Error);
  EXPECT_EQ(request.strength, 50);
}

TEST(Bytes, AreCountedInPowersOf1024) {
  EXPECT_EQ(parse_bytes("0"), 0u);
  EXPECT_EQ(parse_bytes("123"), 123u);
  EXPECT_EQ(parse_bytes("3K"), 3072u);
  EXPECT_EQ(parse_bytes("800M"), 838860800u);
  EXPECT_EQ(parse_bytes("2G"), 2147483648u);
}

TEST(Bytes, RefuseWhatIsNoAmount) {
  for (const char* text : {"", "G", "-1", "2T", "2 G", "1.5G", "2GB", "99999999999999999999", "99999999999G"})
    EXPECT_THROW(parse_bytes(text), Error) << text;
}

}  // namespace
}  // namespace atelier
