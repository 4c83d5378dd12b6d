#include "core/file_content.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace atelier {
namespace {

TEST(FileContent, GivesEveryByteAndNothingOfWhatIsNotThere) {
  const auto file = std::filesystem::path(testing::TempDir()) / ("atelier-content-" + std::to_string(getpid()));
  const std::string bytes("a\r\n\0 b", 6);
  std::ofstream(file, std::ios::binary) << bytes;
  EXPECT_EQ(file_content(file), bytes);
  std::ofstream(file, std::ios::binary | std::ios::trunc).close();
  EXPECT_EQ(file_content(file), "");
  std::filesystem::remove(file);
  EXPECT_EQ(file_content(file), std::nullopt);
}

}  // namespace
}  // namespace atelier
