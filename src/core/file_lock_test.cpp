#include "core/file_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <optional>
#include <thread>

#include "support/weight_files.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

TEST(FileLock, HasOneHolderAndLeavesNoFile) {
  const test::TemporaryFolder folder;
  std::optional<FileLock> first(folder / "lock");
  EXPECT_TRUE(first->held());
  EXPECT_FALSE(FileLock(folder / "lock").held());
  EXPECT_TRUE(FileLock(folder / "other").held());
  EXPECT_TRUE(fs::exists(folder / "lock")) << "one that was refused removes nothing";
  first.reset();
  EXPECT_TRUE(fs::is_empty(folder.path()));
  EXPECT_TRUE(FileLock(folder / "lock").held());
}

TEST(FileLock, EndsWithAKilledProcess) {
  const test::TemporaryFolder folder;
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const FileLock lock(folder / "lock");
    static_cast<void>(::write(ready[1], lock.held() ? "y" : "n", 1));
    ::pause();
    ::_exit(0);
  }
  char said = 0;
  ASSERT_EQ(::read(ready[0], &said, 1), 1);
  EXPECT_EQ(said, 'y');
  EXPECT_FALSE(FileLock(folder / "lock").held());
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(fs::exists(folder / "lock"));
  EXPECT_TRUE(FileLock(folder / "lock").held()) << "the file it left locks nothing";
  EXPECT_FALSE(fs::exists(folder / "lock"));
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(FileLock, NeverHasTwoHoldersThoughTheFileComesAndGoes) {
  const test::TemporaryFolder folder;
  std::atomic<int> holders = 0, most = 0, taken = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int round = 0; round < 500; ++round) {
        const FileLock lock(folder / "lock");
        if (!lock.held()) continue;
        const int now = ++holders;
        if (now > most) most = now;
        ++taken;
        std::this_thread::yield();
        --holders;
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(most, 1);
  EXPECT_GT(taken, 0);
}

TEST(FileLock, RemovesNothingThatHasContent) {
  const test::TemporaryFolder folder;
  test::write_text(folder / "lock", "mine");
  EXPECT_TRUE(FileLock(folder / "lock").held());
  EXPECT_EQ(test::read_text(folder / "lock"), "mine");
}

TEST(FileLock, SaysWhereNoFileCanBeMade) {
  const test::TemporaryFolder folder;
  EXPECT_THAT(test::message_of([&] { FileLock(folder / "no/lock"); }),
              testing::AllOf(testing::HasSubstr("cannot lock \""), testing::HasSubstr("No such file or directory")));
}

}  // namespace
}  // namespace atelier
