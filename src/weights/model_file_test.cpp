#include "weights/model_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/weight_files.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

using test::message_of;
using test::TemporaryFolder;
using testing::HasSubstr;

TEST(ModelFile, GoesByContentNotByName) {
  const TemporaryFolder folder;
  const float one[] = {1};
  write_safetensors(folder / "a.pth", WeightSetBuilder().add_floats("x", {1}, one).build());
  EXPECT_EQ(read_weights(folder / "a.pth").floats("x")[0], 1);
  std::filesystem::copy(std::string(ATELIER_FIXTURES) + "/weights/parameter.pth", folder / "b.safetensors");
  EXPECT_EQ(read_weights(folder / "b.safetensors").floats("weight")[1], -2);
}

TEST(ModelFile, NamesForeignFormats) {
  const TemporaryFolder folder;
  const std::pair<std::string, const char*> cases[] = {
      {"\x89HDF\r\n\x1a\n", "HDF5"},          {"<!DOCTYPE html>", "web page"},
      {"\xff\xd8\xff\xe0", "JPEG"},           {"version https://git-lfs.github.com/spec/v1", "git lfs pull"},
      {"hello", "of no known weight format"}, {std::string(100, '\0'), "of no known weight format"},
      {"MATLAB 5.0 MAT-file", "MATLAB"}};
  for (const auto& [content, message] : cases) {
    test::write_text(folder / "model.bin", content);
    const auto said = message_of([&] { read_weights(folder / "model.bin"); });
    EXPECT_THAT(said, HasSubstr(message));
    EXPECT_THAT(said, HasSubstr("model.bin"));
    EXPECT_THAT(said, HasSubstr("; "));
  }
  EXPECT_THAT(message_of([] { read_weights(std::string(ATELIER_FIXTURES) + "/weights/plain.pkl"); }),
              HasSubstr("not one of torch.save"));
}

TEST(ModelFile, RefusesAZipThatIsNoModel) {
  const TemporaryFolder folder;
  const std::string empty_zip = "PK\x03\x04" + std::string(26, '\0') + "PK\x05\x06" + std::string(18, '\0');
  test::write_text(folder / "a.zip", empty_zip);
  EXPECT_THAT(message_of([&] { read_weights(folder / "a.zip"); }), HasSubstr("not one of torch.save"));
}

}  // namespace
}  // namespace atelier
