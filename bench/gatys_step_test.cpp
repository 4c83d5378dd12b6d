// The benchmark measures what it says it does: the method's step, the plain reference and Python PyTorch agree.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/process.h"

namespace atelier::testing {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const std::string kPython = "/usr/bin/python3";

class GatysStepBench : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(::testing::TempDir()) / ("atelier-bench-" + std::to_string(::getpid()) + "-" + info->name());
    fs::create_directories(folder_);
    const fs::path fixtures = ATELIER_FIXTURES;
    expect_success({"--threads", "1", "weights", "shape:compact", path("weights")});
    expect_success({"--threads", "1", "pictures", fixtures / "photo_64.png", fixtures / "painting_64.png", "64",
                    path("pictures")});
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ / (name + ".safetensors"); }
  Outcome run(const std::vector<std::string>& words, const std::string& program = ATELIER_BENCH_BINARY) const {
    return Process(program, words, folder_.string()).finish();
  }
  void expect_success(const std::vector<std::string>& words) const {
    const auto outcome = run(words);
    ASSERT_EQ(outcome.status, 0) << outcome.err;
  }
  std::vector<std::string> with_files(std::vector<std::string> words) const {
    for (const std::string& word : {std::string("--weights"), path("weights"), std::string("--pictures"),
                                    path("pictures"), std::string("--steps"), std::string("3")})
      words.push_back(word);
    return words;
  }
  bool has_pytorch() const {
    const std::string find = "import importlib.util, sys; sys.exit(importlib.util.find_spec('torch') is None)";
    return fs::exists(kPython) && run({"-c", find}, kPython).status == 0;
  }
  bool has_bf16() const {
    return run(with_files({"step", "--precision", "bf16"})).err.find("cannot compute in bfloat16") == std::string::npos;
  }
  json step(const std::vector<std::string>& options) const {
    // One thread: threads that wait for each other on a busy machine take a hundred times longer.
    auto words = with_files({"--threads", "1", "step"});
    words.insert(words.end(), options.begin(), options.end());
    const auto outcome = run(words);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return json::parse(outcome.out);
  }

 private:
  fs::path folder_;
};

void expect_alike(const json& losses, const json& wanted, double tolerance) {
  for (const char* term : {"content", "style", "tv", "total"}) {
    const double value = wanted.at(term);
    EXPECT_NEAR(losses.at(term).get<double>(), value, tolerance * std::abs(value) + 1e-9) << term;
  }
}

TEST_F(GatysStepBench, DoesWhatThePlainReferenceDoes) {
  const auto fast = step({"--precision", "fp32", "--evaluate"}), plain = step({"--engine", "plain"});
  expect_alike(fast.at("first"), plain.at("first"), 1e-4);
  // Adam divides each gradient by its own size, so that rounding shows where a gradient is nearly zero.
  expect_alike(fast.at("last"), plain.at("last"), 1e-2);
  EXPECT_LT(fast.at("final").at("total"), fast.at("first").at("total"));
  EXPECT_EQ(fast.at("seconds").size(), 3U);
  EXPECT_GT(fast.at("median_seconds"), 0);
  EXPECT_GT(fast.at("peak_bytes"), 10'000'000);
}

TEST_F(GatysStepBench, LooksTheSameInBfloat16) {
  if (!has_bf16()) GTEST_SKIP() << "this processor cannot compute in bfloat16";
  expect_alike(step({"--precision", "bf16", "--evaluate"}).at("final"), step({"--evaluate"}).at("final"), 0.05);
}

TEST_F(GatysStepBench, RefusesWhatIsNotThere) {
  const auto outcome = run({"weights", "no-such-encoder", path("other")});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_NE(outcome.err.find("no-such-encoder"), std::string::npos) << outcome.err;
  EXPECT_NE(run(with_files({"step", "--engine", "plain", "--precision", "bf16"})).status, 0);
  EXPECT_NE(run({"step"}).status, 0);
}

TEST_F(GatysStepBench, DoesWhatPythonPyTorchDoes) {
  if (!has_pytorch()) GTEST_SKIP() << "python3-torch is not installed";
  const std::string script = fs::path(ATELIER_BENCH_FOLDER) / "gatys_step.py";
  const auto ours = step({"--precision", "fp32"});
  for (const std::string layout : {"contiguous", "channels-last"}) {
    const auto outcome = run(with_files({script, "--threads", "1", "--layout", layout}), kPython);
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const auto theirs = json::parse(outcome.out);
    expect_alike(ours.at("first"), theirs.at("first"), 1e-4);
    expect_alike(ours.at("last"), theirs.at("last"), 1e-2);
  }
}

TEST_F(GatysStepBench, SmokeGroupFillsTheTables) {
  if (!has_pytorch()) GTEST_SKIP() << "python3-torch is not installed";
  const std::string script = fs::path(ATELIER_BENCH_FOLDER) / "compare.py";
  const auto outcome = run({script, "--program", ATELIER_BENCH_BINARY, "--group", "smoke", "--only", "fp32", "--rounds",
                            "1", "--threads", "1"},
                           kPython);
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("| shape:compact | 64 | fp32 |"), std::string::npos) << outcome.out;
  for (const char* row :
       {"| shape:johnson | 64 | fp32 | PyTorch fp32 |", "| shape:conditional-in | 64 | fp32 | PyTorch fp32 |",
        "| adain | 64 | fp32 | PyTorch fp32 |", "| wct | 64 | fp32 | PyTorch fp32 |",
        "| shape:johnson | 64 | shape:compact, fp32 |", "| gallery, great-wave | 64 |"})
    EXPECT_NE(outcome.out.find(row), std::string::npos) << row << '\n' << outcome.out;
}

}  // namespace
}  // namespace atelier::testing
