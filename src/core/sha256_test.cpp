#include "core/sha256.h"

#include <gtest/gtest.h>

#include <fstream>

#include "atelier/error.h"
#include "core/printable.h"

namespace atelier {
namespace {

// FIPS 180-4 example values.
constexpr auto kOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr auto kOfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TEST(Sha256, MatchesThePublishedExamples) {
  EXPECT_EQ(sha256_hex(std::as_bytes(std::span("abc", 3))), kOfAbc);
  EXPECT_EQ(sha256_hex({}), kOfNothing);
}

TEST(Sha256, DoesNotDependOnThePieces) { EXPECT_EQ(Sha256().add("a").add("").add("bc").hex(), kOfAbc); }

TEST(Sha256, HashesAFileLargerThanOnePiece) {
  const auto path = std::filesystem::path(testing::TempDir()) / ("atelier_sha256_" + std::to_string(::getpid()));
  const std::string text(3'000'001, 'x');
  std::ofstream(path, std::ios::binary) << text;
  EXPECT_EQ(sha256_file(path), Sha256().add(text).hex());
  std::filesystem::remove(path);
}

TEST(Sha256, NamesTheFileThatIsMissing) {
  try {
    sha256_file("/nowhere/model.pth");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()), "cannot read \"/nowhere/model.pth\"; check the name and its permissions");
  }
}

TEST(Printable, KeepsMessagesToOneHarmlessLine) {
  EXPECT_EQ(printable("conv1_1.weight"), "\"conv1_1.weight\"");
  EXPECT_EQ(printable("a\nb\x1b[31m\xff"), "\"a?b?[31m?\"");
  EXPECT_EQ(printable("abcdef", 3), "\"abc...\"");
}

}  // namespace
}  // namespace atelier
