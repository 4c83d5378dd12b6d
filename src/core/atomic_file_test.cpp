#include "core/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include "atelier/error.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

class AtomicFileTest : public testing::Test {
 protected:
  AtomicFileTest()
      : folder_(fs::path(testing::TempDir()) /
                (std::string("atomic_") + testing::UnitTest::GetInstance()->current_test_info()->name() + "_" +
                 std::to_string(::getpid()))) {
    fs::create_directories(folder_);
  }
  ~AtomicFileTest() override { fs::remove_all(folder_); }

  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  fs::path folder_;
};

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void put(const fs::path& target, const std::string& text) {
  AtomicFile file(target);
  file.write(text);
  file.commit();
}

std::string failure_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kFailure);
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    return error.what();
  }
  return "no error";
}

/// Runs `action` in a child process; what it may break (limits, the user) stays there.
int in_child(const std::function<int()>& action) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(action());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(AtomicFileTest, AppearsOnCommitOnly) {
  AtomicFile file(folder_ / "a.txt");
  file.write("one ");
  file.write("two");
  EXPECT_FALSE(fs::exists(folder_ / "a.txt"));
  EXPECT_EQ(file.temporary().parent_path(), folder_);
  EXPECT_EQ(file.temporary().extension(), ".txt");
  EXPECT_TRUE(file.temporary().filename().string().starts_with('.'));
  file.commit();
  EXPECT_EQ(content(folder_ / "a.txt"), "one two");
  EXPECT_EQ(files(), 1u);
}

TEST_F(AtomicFileTest, LeavesTheOldFileAndNothingElseWithoutCommit) {
  put(folder_ / "a.txt", "old");
  { AtomicFile(folder_ / "a.txt").write("new"); }
  EXPECT_EQ(content(folder_ / "a.txt"), "old");
  EXPECT_EQ(files(), 1u);
}

TEST_F(AtomicFileTest, KeepsThePermissionsOfWhatItReplaces) {
  put(folder_ / "a.txt", "old");
  fs::permissions(folder_ / "a.txt", fs::perms::owner_read | fs::perms::owner_write);
  put(folder_ / "a.txt", "new");
  EXPECT_EQ(fs::status(folder_ / "a.txt").permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(AtomicFileTest, WritesThroughALink) {
  put(folder_ / "real.txt", "old");
  fs::create_symlink("real.txt", folder_ / "link.txt");
  put(folder_ / "link.txt", "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link.txt"));
  EXPECT_EQ(content(folder_ / "real.txt"), "new");
}

TEST_F(AtomicFileTest, WritesThroughLinksToWhatIsNotThereYet) {
  fs::create_symlink("later.txt", folder_ / "first");
  fs::create_symlink(folder_ / "first", folder_ / "second");
  put(folder_ / "second", "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "first"));
  EXPECT_TRUE(fs::is_symlink(folder_ / "second"));
  EXPECT_EQ(content(folder_ / "later.txt"), "new");
  fs::create_symlink("round", folder_ / "round");
  EXPECT_NE(failure_of([&] { put(folder_ / "round", "new"); }).find("ymbolic link"), std::string::npos);
  fs::create_symlink("none/a.txt", folder_ / "astray");
  EXPECT_NE(failure_of([&] { put(folder_ / "astray", "new"); }).find("create the folder first"), std::string::npos);
}

TEST_F(AtomicFileTest, TakesTheLongestName) {
  const std::string name(255, 'n');
  put(folder_ / name, "text");
  EXPECT_EQ(content(folder_ / name), "text");
  EXPECT_NE(failure_of([&] { put(folder_ / (name + "n"), "text"); }).find("shorter name"), std::string::npos);
  EXPECT_EQ(files(), 1u);
}

TEST_F(AtomicFileTest, RefusesFoldersAndDevices) {
  EXPECT_NE(failure_of([&] { AtomicFile{folder_}; }).find("it is a folder"), std::string::npos);
  EXPECT_NE(failure_of([&] { AtomicFile{folder_ / ""}; }).find("it is a folder"), std::string::npos);
  EXPECT_NE(failure_of([] { AtomicFile{"/dev/full"}; }).find("not a regular file"), std::string::npos);
  EXPECT_NE(failure_of([&] { AtomicFile{folder_ / "none" / "a.txt"}; }).find("create the folder first"),
            std::string::npos);
  EXPECT_EQ(files(), 0u);
}

TEST_F(AtomicFileTest, RefusesAFolderWithoutWritePermission) {
  fs::permissions(folder_,
                  fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read | fs::perms::others_exec);
  EXPECT_EQ(
      in_child([&] {
        if (::geteuid() == 0 && ::setuid(65534) != 0) return 1;
        return failure_of([&] { AtomicFile{folder_ / "a.txt"}; }).find("ermission denied") != std::string::npos ? 0 : 1;
      }),
      0);
}

TEST_F(AtomicFileTest, FailsCleanlyAtTheFileSizeLimit) {
  put(folder_ / "a.txt", "old");
  EXPECT_EQ(in_child([&] {
              std::signal(SIGXFSZ, SIG_IGN);
              const rlimit limit{4096, 4096};
              ::setrlimit(RLIMIT_FSIZE, &limit);
              const auto text = failure_of([&] { put(folder_ / "a.txt", std::string(10'000, 'x')); });
              return text.find("ulimit") != std::string::npos ? 0 : 1;
            }),
            0);
  EXPECT_EQ(content(folder_ / "a.txt"), "old");
  EXPECT_EQ(files(), 1u);
}

TEST_F(AtomicFileTest, FailsCleanlyWhenTheDiskIsFull) {
  const std::string mount = "mount -t tmpfs -o size=64k none '" + folder_.string() + "' 2>/dev/null";
  if (::geteuid() != 0 || std::system(mount.c_str()) != 0)
    GTEST_SKIP() << "needs the right to mount a small file system";
  const auto text = failure_of([&] { put(folder_ / "a.txt", std::string(200'000, 'x')); });
  const auto left = files();
  EXPECT_EQ(std::system(("umount '" + folder_.string() + "'").c_str()), 0);
  EXPECT_NE(text.find("No space left"), std::string::npos) << text;
  EXPECT_NE(text.find("free some space"), std::string::npos);
  EXPECT_EQ(left, 0u);
}

TEST_F(AtomicFileTest, ConcurrentProcessesLeaveOneWholeResult) {
  constexpr int kWriters = 4, kRounds = 20;
  constexpr std::size_t kSize = 50'000;
  std::array<pid_t, kWriters> writers{};
  for (int w = 0; w < kWriters; ++w) {
    writers[w] = ::fork();
    if (writers[w] != 0) continue;
    for (int i = 0; i < kRounds; ++i) put(folder_ / "a.txt", std::string(kSize, static_cast<char>('a' + w)));
    ::_exit(0);
  }
  for (int i = 0; i < 200; ++i)
    if (const std::string seen = content(folder_ / "a.txt"); !seen.empty()) {
      EXPECT_EQ(seen, std::string(kSize, seen[0]));
    }
  for (const pid_t writer : writers) {
    int status = 1;
    ::waitpid(writer, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(content(folder_ / "a.txt").size(), kSize);
  EXPECT_EQ(files(), 1u);
}

TEST_F(AtomicFileTest, ForkedProcessesDrawDifferentNames) {
  AtomicFile mine(folder_ / "a.txt");
  EXPECT_EQ(in_child([&] { return AtomicFile(folder_ / "a.txt").temporary() != mine.temporary() ? 0 : 1; }), 0);
  EXPECT_TRUE(fs::exists(mine.temporary()));
}

}  // namespace
}  // namespace atelier
