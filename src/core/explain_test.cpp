#include "core/explain.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <new>

namespace atelier {
namespace {

TEST(Explained, LeavesAnErrorAsItIs) {
  const auto error = explained(Error("stopped; nothing was written", ErrorKind::kStopped), "photo.png");
  EXPECT_STREQ(error.what(), "stopped; nothing was written");
  EXPECT_EQ(error.kind(), ErrorKind::kStopped);
}

TEST(Explained, CallsALackOfMemorySoWhoeverReportsIt) {
  const std::string wanted = "the memory does not suffice for \"a.png\"; give a smaller --size or close other programs";
  EXPECT_EQ(explained(std::bad_alloc(), "a.png").what(), wanted);
  const std::runtime_error of_torch("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes.\n#0 frame");
  EXPECT_EQ(explained(of_torch, "a.png").what(), wanted);
  EXPECT_EQ(explained(of_torch).kind(), ErrorKind::kFailure);
}

TEST(Explained, NamesThePictureAndLeavesOutTheStackTrace) {
  EXPECT_STREQ(explained(std::runtime_error("odd shape\n#0 frame"), "a.png").what(),
               "unexpected fault with \"a.png\": odd shape; please report it with the command you typed");
  const std::filesystem::filesystem_error closed("status", "b.png", std::make_error_code(std::errc::permission_denied));
  EXPECT_STREQ(explained(closed).what(), "cannot look at \"b.png\": Permission denied; check the name");
}

}  // namespace
}  // namespace atelier
