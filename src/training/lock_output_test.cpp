#include "training/lock_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/weight_files.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

TrainingOptions writing(const fs::path& output, int rank = 0) {
  TrainingOptions options;
  options.output = output;
  options.role = {.rank = rank, .processes = 2, .meeting = "localhost:1"};
  return options;
}

TEST(LockOutput, LetsOneTrainingWriteAModel) {
  const test::TemporaryFolder folder;
  const auto model = folder / "model.safetensors";
  auto lock = lock_output(writing(model));
  const auto refused = [](const fs::path& output) { return test::message_of([&] { lock_output(writing(output)); }); };
  EXPECT_EQ(refused(model), "another training writes \"" + model.string() + "\"; wait for it or give another -o");
  EXPECT_NE(refused(folder.path() / "." / "model.safetensors"), "");
  test::write_text(model, "x");
  fs::create_symlink(model, folder / "link.safetensors");
  EXPECT_NE(refused(folder / "link.safetensors"), "") << "a link's model is written where it leads";
  EXPECT_EQ(refused(folder / "other.safetensors"), "");
  lock.reset();
  EXPECT_EQ(refused(model), "");
  EXPECT_FALSE(fs::exists(model.string() + ".lock"));
}

TEST(LockOutput, ConcernsOnlyThoseThatWrite) {
  const test::TemporaryFolder folder;
  const auto lock = lock_output(writing(folder / "model.safetensors"));
  EXPECT_EQ(lock_output(writing(folder / "model.safetensors", 1)), nullptr);
  EXPECT_EQ(lock_output(TrainingOptions()), nullptr);
}

}  // namespace
}  // namespace atelier
