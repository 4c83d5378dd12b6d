#pragma once
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "support/process.h"

namespace atelier::testing {

/// A folder of its own for each test, with photo.png and painting.png in it, and the program.
class CliTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(::testing::TempDir()) /
              ("atelier-cli-" + std::to_string(::getpid()) + "-" + info->name());
    std::filesystem::create_directories(folder_);
    const std::filesystem::path fixtures = ATELIER_FIXTURES;
    std::filesystem::copy_file(fixtures / "photo_64.png", folder_ / "photo.png");
    std::filesystem::copy_file(fixtures / "painting_64.png", folder_ / "painting.png");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Process start(const std::vector<std::string>& arguments, const std::function<void()>& prepare = {}) const {
    return Process(ATELIER_BINARY, arguments, folder_.string(), prepare);
  }
  Outcome run(const std::vector<std::string>& arguments, const std::function<void()>& prepare = {}) const {
    return start(arguments, prepare).finish();
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  bool exists(const std::string& name) const { return std::filesystem::exists(folder_ / name); }
  /// Everything in the folder but what SetUp() put there, hidden files included.
  std::vector<std::string> new_files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      const std::string name = entry.path().filename().string();
      if (name != "photo.png" && name != "painting.png") names.push_back(name);
    }
    return names;
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace atelier::testing
