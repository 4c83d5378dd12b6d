#include "weights/data_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/weight_files.h"

namespace atelier {
namespace {

TEST(DataFolder, NamesAreSafeFileNames) {
  for (const char* name : {"a", "great-wave", "7", "x_1.2", "_x"}) EXPECT_TRUE(is_valid_name(name)) << name;
  for (const char* name : {"", ".", "..", "-x", "a/b", "A", "a b", "a:b", "ü"})
    EXPECT_FALSE(is_valid_name(name)) << name;
  EXPECT_TRUE(is_valid_name(std::string(64, 'a')));
  EXPECT_FALSE(is_valid_name(std::string(65, 'a')));
}

TEST(DataFolder, BadNamesAreRefusedInOneLine) {
  EXPECT_NO_THROW(check_valid_name("a style", "x"));
  EXPECT_THAT(test::message_of([] { check_valid_name("a style", "a\nb"); }),
              testing::StartsWith("a style cannot be named \"a?b\"; use --name"));
}

TEST(DataFolder, FoldersThatCannotBeMadeAreAFailure) {
  test::TemporaryFolder home;
  test::write_text(home / "file", "");
  EXPECT_NO_THROW(make_folder(home / "a/b"));
  EXPECT_THAT(test::message_of([&] { make_folder(home / "file/b"); }), testing::HasSubstr("XDG_DATA_HOME"));
}

}  // namespace
}  // namespace atelier
