// `atelier train` by several processes: what is typed, what is said, what is left.
#include <sys/resource.h>

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
  const auto again = run(training({"--steps", std::to_string(reached + 1), "--resume"}));
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_TRUE(contains(again.err, "note: the run had ended before; more --steps")) << again.err;
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

TEST_F(TrainingTest, AnOutputHasOneTrainingAtATime) {
  auto running = start(training({"--steps", "100000", "--save-every", "2"}));
  wait_for_checkpoint();
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{}, {"--force"}, {"--resume"}, {"--force", "--processes", "2"}}) {
    const auto second = run(training(more));
    EXPECT_EQ(second.status, 1);
    if (contains(second.err, "lacks Gloo")) continue;
    EXPECT_EQ(second.err, "atelier: another training writes \"model.safetensors\"; wait for it or give another -o\n");
  }
  running.send(SIGKILL);
  EXPECT_EQ(running.finish().status, 128 + SIGKILL);
  EXPECT_TRUE(exists("model.safetensors.lock")) << "what a killed one leaves does not stand in the way";
  const auto further = std::to_string(std::stoi(steps()) + 1);
  const auto resumed = run(training({"--resume", "--steps", further}));
  EXPECT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_EQ(steps(), further);
  EXPECT_FALSE(exists("model.safetensors.lock"));
}

TEST_F(TrainingTest, WaitingForOthersEndsWithCtrlC) {
  for (const std::string rank : {"0", "1"})
    for (const auto& meeting : {path("here" + rank), std::string("127.0.0.1:29517")}) {
      auto waiting = start(training({"--world", "2", "--rank", rank, "--meet", meeting}));
      std::this_thread::sleep_for(std::chrono::milliseconds(1500));
      waiting.send(SIGINT);
      const auto start = std::chrono::steady_clock::now();
      const auto outcome = waiting.finish();
      if (contains(outcome.err, "lacks Gloo")) GTEST_SKIP() << outcome.err;
      EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
      EXPECT_EQ(outcome.status, 130) << outcome.err;
      EXPECT_TRUE(contains(outcome.err, "stopped while the other processes were waited for")) << outcome.err;
    }
}

TEST_F(TrainingTest, FilesMayHaveAnyNames) {
  const std::string painting = "D\xfcrer.png", model = "nach D\xfcrer.safetensors";
  std::filesystem::copy_file(path("painting.png"), path(painting));
  std::filesystem::create_directories(path("f\xf6tos"));
  std::filesystem::copy_file(path("photo.png"), path("f\xf6tos/\xff.png"));
  const auto words = [&](const std::string& steps, const std::vector<std::string>& more = {}) {
    std::vector<std::string> all = {"train",   "msg-net", "--photos", "f\xf6tos", "--style",     painting,
                                    "--batch", "1",       "--crop",   "64",       "--threads",   "1",
                                    "-o",      model,     "--steps",  steps,      "--precision", "fp32",
                                    "--width", "1",       "--blocks", "0"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  const auto outcome = run(words("1"));
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(read_safetensors(path(model)).metadata.at("styles"), "[\"D?rer\"]");
  const auto resumed = run(words("2", {"--resume"}));
  EXPECT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_EQ(run({"stylize", "photo.png", "--style", path(model), "-o", "out.png"}).status, 0);
}

TEST_F(TrainingTest, TheRateFallsAsTheScheduleSays) {
  const std::vector<std::string> whole = {"--steps",   "4", "--decay-share",   "1",
                                          "--warm-up", "0", "--learning-rate", "1e-3"};
  const auto told = [&](const std::vector<std::string>& more) {
    auto words = whole;
    words.insert(words.end(), more.begin(), more.end());
    words.push_back("--force");
    return run(training(words)).err;
  };
  EXPECT_TRUE(contains(told({}), "rate 7.50e-04"));
  EXPECT_TRUE(contains(told({"--schedule", "linear"}), "rate 7.50e-04"));
  EXPECT_TRUE(contains(told({"--schedule", "cosine"}), "rate 8.54e-04"));  // (1 + cos π/4) / 2
  const auto plain = read_safetensors(path("model.safetensors.checkpoint"));
  told({"--schedule", "cosine", "--weight-decay", "0.5"});
  const auto decayed = read_safetensors(path("model.safetensors.checkpoint"));
  for (const auto& [name, tensor] : plain.tensors) {
    if (!name.starts_with("parameter/") || tensor.shape.size() != 4) continue;
    EXPECT_NE(plain.floats(name), decayed.floats(name)) << name;
  }
}

TEST_F(TrainingTest, AFullDiskAtACheckpointLeavesTheEarlierOne) {
  ASSERT_EQ(run(training({"--steps", "1"})).status, 0);
  const auto full = run(training({"--steps", "2", "--resume"}), [] {
    const rlimit limit{100'000, 100'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  });
  EXPECT_EQ(full.status, 1) << full.err;
  EXPECT_TRUE(contains(full.err, "atelier: ")) << full.err;
  EXPECT_EQ(steps(), "1");
  const auto resumed = run(training({"--steps", "2", "--resume"}));
  EXPECT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_EQ(steps(), "2");
}

TEST_F(TrainingTest, BrokenPicturesOfFoldersAreSkippedAndNamed) {
  std::filesystem::create_directories(path("mixed"));
  for (const char* name : {"photo.png", "painting.png"})
    std::filesystem::copy_file(path(name), path(std::string("mixed/") + name));
  std::filesystem::copy_file(path("photo.png"), path("mixed/torn.png"));
  std::filesystem::resize_file(path("mixed/torn.png"), 60);
  std::vector<std::string> words = {
      "train",   "msg-net",   "--photos", "mixed", "--style",       "mixed",   "--batch", "1",           "--crop",
      "64",      "--threads", "1",        "-o",    "m.safetensors", "--steps", "1",       "--precision", "fp32",
      "--width", "1",         "--blocks", "0"};
  const auto outcome = run(words);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "1 broken picture was skipped: mixed/torn.png; 1 broken picture was skipped: "))
      << outcome.err;
  EXPECT_EQ(read_safetensors(path("m.safetensors")).metadata.at("styles"), R"(["painting","photo"])");
  std::filesystem::create_directories(path("none"));
  words.push_back("--force");
  words[5] = "none";
  const auto refused = run(words);
  EXPECT_EQ(refused.status, 2);
  EXPECT_TRUE(contains(refused.err, "none holds no readable picture")) << refused.err;
}

TEST_F(TrainingTest, NumbersThatMakeNoSenseAreRefused) {
  const auto refused = [&](const std::string& option, const std::string& value, const std::string& message) {
    const auto outcome = run(training({option + "=" + value}));
    EXPECT_EQ(outcome.status, 2) << option << " " << value;
    EXPECT_TRUE(contains(outcome.err, message)) << outcome.err;
    EXPECT_TRUE(new_files().empty());
  };
  for (const std::string rate : {"inf", "nan", "0", "-1", "1e30"})
    refused("--learning-rate", rate, "--learning-rate cannot be ");
  refused("--learning-rate", "1e30", "cannot be 1e+30; give a number above 0, and 1 at most");
  for (const std::string time : {"0", "-5m", "0s"}) refused("--time-budget", time, "--time-budget cannot be ");
  for (const std::string share : {"2", "nan", "-0.5"}) refused("--decay-share", share, "--decay-share cannot be ");
  refused("--warm-up", "-1", "--warm-up cannot be -1; give a whole number from 0 to 1000000000");
  refused("--weight-decay", "2", "--weight-decay cannot be 2; give a number from 0 to 1");
  refused("--clip-norm", "0", "--clip-norm cannot be 0; give a number above 0");
  refused("--steps", "0", "--steps cannot be 0; give a whole number from 1");
  refused("--save-every", "-3", "--save-every cannot be -3");
  refused("--seed", "-1", "--seed");
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
  refused({"--rank", "1"}, "rank 1 is none of one process; give --world N");
  refused({"--world", "2", "--rank", "2", "--meet", "localhost:29500"}, "rank 2 is none of 2 processes");
  refused({"--world", "2", "--rank", "0"}, "\"\" is no place to meet; give HOST:PORT");
  refused({"--meet", "localhost:29500"}, "--meet is of no use to one process");
  refused({"--world", "2", "--meet", "a:1", "--processes", "2"}, "give one of the two");
}

}  // namespace
}  // namespace atelier::testing
