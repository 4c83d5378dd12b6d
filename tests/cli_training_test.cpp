// `atelier train` by several processes: what is typed, what is said, what is left.
#include <chrono>
#include <csignal>
#include <thread>

#include "support/cli_test.h"
#include "weights/safetensors.h"

namespace atelier::testing {
namespace {

class TrainingTest : public CliTest {
 protected:
  /// A training that takes a second.
  std::vector<std::string> training(const std::vector<std::string>& more) const {
    std::vector<std::string> words = {
        "train",       "johnson", "--photos",    "photo.png", "--style", "painting.png", "--batch",
        "1",           "--crop",  "64",          "--threads", "1",       "-o",           "model.safetensors",
        "--log-every", "1",       "--precision", "fp32"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  void wait_for_checkpoint() const {
    for (int look = 0; look < 12000 && !exists("model.safetensors.checkpoint"); ++look)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  std::string steps() const { return read_safetensors(path("model.safetensors.checkpoint")).metadata.at("step"); }
};

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_F(TrainingTest, TwoProcessesTrainTogetherAndOneSpeaks) {
  const auto outcome = run(training({"--steps", "3", "--processes", "2"}));
  if (contains(outcome.err, "lacks Gloo")) GTEST_SKIP() << outcome.err;
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "step 3 of 3")) << outcome.err;
  EXPECT_EQ(outcome.err.find("step 2 of 3"), outcome.err.rfind("step 2 of 3")) << outcome.err;
  EXPECT_EQ(steps(), "3");
  EXPECT_EQ(new_files().size(), 5U) << "model, checkpoint, preview, chart as a page and as a picture";
}

TEST_F(TrainingTest, AKilledPartnerEndsTheOtherWithItsCheckpointIntact) {
  auto second = start(training({"--steps", "100000", "--world", "2", "--rank", "1", "--meet", path("here")}));
  auto first = start(
      training({"--steps", "100000", "--save-every", "2", "--world", "2", "--rank", "0", "--meet", path("here")}));
  wait_for_checkpoint();
  second.send(SIGKILL);
  const auto start = std::chrono::steady_clock::now();
  const auto outcome = first.finish();
  if (contains(outcome.err, "lacks Gloo")) GTEST_SKIP() << outcome.err;
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30));
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(contains(outcome.err, "atelier: another process of this training has ended")) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "continue with --resume")) << outcome.err;
  EXPECT_GE(std::stoi(steps()), 2);
}

TEST_F(TrainingTest, AStoppedRunEndsWith130AndGoesOnToItsEnd) {
  auto running = start(training({"--steps", "100000", "--save-every", "2"}));
  wait_for_checkpoint();
  running.send(SIGINT);
  const auto outcome = running.finish();
  EXPECT_EQ(outcome.status, 130) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "stopped; the run is kept beside the output, continue it with --resume"));
  const auto reached = std::stoi(steps());
  const auto finished = run(training({"--steps", std::to_string(reached + 1), "--resume"}));
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(steps(), std::to_string(reached + 1));
}

TEST_F(TrainingTest, CtrlCDuringTheLastStepLeavesAFinishedRun) {
  auto running = start(training({"--steps", "2", "--save-every", "1"}));
  wait_for_checkpoint();
  running.send(SIGINT);
  const auto outcome = running.finish();
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(steps(), "2");
}

TEST_F(TrainingTest, AnEarlierRunIsNotOverwrittenUnasked) {
  ASSERT_EQ(run(training({"--steps", "2"})).status, 0);
  const auto refused = run(training({"--steps", "1"}));
  EXPECT_EQ(refused.status, 2);
  EXPECT_TRUE(contains(refused.err, "model.safetensors.checkpoint is from an earlier run; give --resume"))
      << refused.err;
  EXPECT_EQ(steps(), "2");
  EXPECT_EQ(run(training({"--steps", "1", "--force"})).status, 0);
  EXPECT_EQ(steps(), "1");
  EXPECT_EQ(run(training({"--steps", "2", "--force", "--resume"})).status, 2);
}

TEST_F(TrainingTest, NonsenseIsRefused) {
  const auto refused = [&](const std::vector<std::string>& words, const std::string& message) {
    const auto outcome = run(training(words));
    EXPECT_EQ(outcome.status, 2) << message;
    EXPECT_TRUE(contains(outcome.err, message)) << outcome.err;
    EXPECT_TRUE(new_files().empty());
  };
  refused({"--processes", "0"}, "--processes: Value 0 not in range");
  refused({"--device", "gpu"}, "there is no device \"gpu\"; choose cpu, cuda, or cuda:N");
  refused({"--world", "0"}, "at least one process");
  refused({"--rank", "1"}, "rank 1 is none of 1 processes");
  refused({"--world", "2", "--rank", "2", "--meet", "localhost:29500"}, "rank 2 is none of 2 processes");
  refused({"--world", "2", "--rank", "0"}, "\"\" is no place to meet; give HOST:PORT");
  refused({"--meet", "localhost:29500"}, "--meet is of no use to one process");
  refused({"--world", "2", "--meet", "a:1", "--processes", "2"}, "give one of the two");
}

}  // namespace
}  // namespace atelier::testing
