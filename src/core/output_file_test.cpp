#include "core/output_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "support/weight_files.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

TEST(OutputFile, TwoNamesOfOneFileAreSeen) {
  const test::TemporaryFolder folder;
  const auto file = (folder / "a.png").string(), other = (folder / "b.png").string();
  EXPECT_TRUE(same_file(file, (folder.path() / "x/../a.png").string())) << "though it does not exist";
  test::write_text(file, "x");
  fs::create_hard_link(file, other);
  EXPECT_TRUE(same_file(file, other));
  EXPECT_FALSE(same_file(file, (folder / "c.png").string()));
  EXPECT_TRUE(same_file("./none.png", "none.png"));
  EXPECT_FALSE(same_file("", ""));
}

TEST(OutputFile, RefusesInputsAndFoldersThatAreMissing) {
  const test::TemporaryFolder folder;
  const auto photo = (folder / "photo.png").string(), output = (folder / "out.png").string();
  test::write_text(photo, "x");
  EXPECT_EQ(test::message_of([&] { check_writable("output", output, {photo, ""}); }), "");
  EXPECT_THAT(test::message_of([&] {
                check_writable("output", photo, {"other.png", photo});
              }),
              testing::HasSubstr("is also an input"));
  EXPECT_NE(test::message_of([&] { check_writable("output", (folder / "no/out.png").string(), {}); }), "");
  EXPECT_FALSE(fs::exists(output));
}

}  // namespace
}  // namespace atelier
