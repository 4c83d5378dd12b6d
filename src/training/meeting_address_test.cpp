#include "training/meeting_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/weight_files.h"

namespace atelier {
namespace {

constexpr std::chrono::milliseconds kPatience{1000};

TEST(MeetingAddress, IsAHostAndAPort) {
  EXPECT_EQ(parse_meeting_address("first:29500").host, "first");
  EXPECT_EQ(parse_meeting_address("first:29500").port, 29500);
  EXPECT_EQ(parse_meeting_address("[::1]:80").host, "::1");
  EXPECT_THAT(test::message_of([] { parse_meeting_address("first"); }), testing::HasSubstr("is no place to meet"));
}

TEST(MeetingAddress, IsReachedFromAnAddressOfThisMachine) { EXPECT_EQ(local_address({"127.0.0.1", 9}), "127.0.0.1"); }

TEST(MeetingAddress, TellsWhetherSomebodyListens) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in own{};
  own.sin_family = AF_INET;
  own.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof own;
  ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&own), length), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&own), &length), 0);
  const MeetingAddress there{"127.0.0.1", ::ntohs(own.sin_port)};
  EXPECT_FALSE(is_listening(there, kPatience));
  ASSERT_EQ(::listen(listener, 4), 0);
  EXPECT_TRUE(is_listening(there, kPatience));
  ::close(listener);
  EXPECT_FALSE(is_listening(there, kPatience));
}

}  // namespace
}  // namespace atelier
