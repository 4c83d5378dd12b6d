#include "training/process_group.h"

#include <gtest/gtest.h>
#include <torch/torch.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "atelier/error.h"
#include "support/process.h"
#include "support/stand_in_device.h"
#include "tensor/weight_tensor.h"
#include "training/trainer.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSecond = "ProcessGroupTest.DISABLED_SecondOfTwo";

/// Where the second process finds what it is told.
std::string told(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// Fits a line to points of a curve, against an opponent that moves the points: batches are consecutive parts of one
/// list of points, so that two processes with half the batch each draw what one draws with the whole.
class Duel final : public TrainingTask {
 public:
  explicit Duel(std::int64_t batch, torch::Device device = torch::kCPU) : batch_(batch), device_(device) {
    for (auto* tensor : {&slope_, &offset_, &rare_, &shift_, &seen_, &last_})
      *tensor = tensor->detach().to(device).requires_grad_(tensor->requires_grad());
  }
  NamedTensors parameters() const override { return {{"slope", slope_}, {"offset", offset_}, {"rare", rare_}}; }
  std::vector<Opponent> opponents() const override { return {{"opponent", {{"shift", shift_}}, 0.5}}; }
  std::vector<std::size_t> turns(std::int64_t) const override { return {1, 0}; }

  StepResult turn(const Turn& turn) override {
    const auto number = torch::arange(batch_, torch::kDouble) + static_cast<double>(turn.seed) * batch_;
    const auto x = (number * 0.7).sin().to(device_, torch::kFloat);
    const bool model = turn.player == 0;
    const auto of = [&](const Tensor& parameter, bool learns) { return learns ? parameter : parameter.detach(); };
    const auto shift = of(shift_, !model);
    auto error = of(slope_, model) * x + of(offset_, model) - x.square() - shift * x;
    // Only every fourth point has to do with this one: a process may lack its gradient.
    const auto fourth = number.remainder(4).eq(0);
    if (fourth.any().item<bool>()) error = error + fourth.to(device_, torch::kFloat) * of(rare_, model);
    const auto loss = model ? error.square().mean() : shift.square().sum() - error.square().mean();
    loss.backward();
    seen_.lerp_(x.mean().unsqueeze(0), 0.1);
    last_.fill_(static_cast<float>(turn.seed));
    return {loss.item<double>(), {}};
  }

  NamedTensors state() const override { return {{"seen", seen_}, {"last", last_}}; }
  bool kept_apart(const std::string& state) const override { return state == "last"; }
  WeightSet model(const std::vector<Tensor>& averages) const override {
    return to_weight_set({{"slope", slope_},
                          {"offset", offset_},
                          {"rare", rare_},
                          {"shift", shift_},
                          {"seen", seen_},
                          {"last", last_},
                          {"average", averages.at(0)}});
  }
  std::string settings() const override { return "duel"; }
  Pace pace() const override { return {.learning_rate = 0.05, .warm_up = 0, .clip_norm = 0.5}; }

 private:
  std::int64_t batch_;
  torch::Device device_;
  Tensor slope_ = torch::zeros({1}).requires_grad_(), offset_ = torch::ones({1}).requires_grad_(),
         rare_ = torch::zeros({1}).requires_grad_(), shift_ = torch::full({1}, 0.3F).requires_grad_();
  Tensor seen_ = torch::zeros({1}), last_ = torch::zeros({1});
};

TrainingOptions plan(const fs::path& output) {
  TrainingOptions options;
  options.output = output;
  options.steps = 12;
  options.save_every = 4;
  options.seed = 0;
  return options;
}

const auto kGoOn = [](const TrainingProgress&) { return true; };

class ProcessGroupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) /
              ("group" + std::to_string(::getpid()) + ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(folder_);
    try {
      check_role(role(0));
    } catch (const Error& error) {
      GTEST_SKIP() << error.what();
    }
  }
  void TearDown() override { fs::remove_all(folder_); }

  ProcessRole role(int rank) const { return {rank, 2, (folder_ / "meeting").string(), 30}; }

  /// This program again, as the second process of the training. It does at its fifth step what `fate` says.
  testing::Process second(const std::string& fate = "", const std::string& seed = "0") const {
    const auto meeting = role(1).meeting;
    return {"/proc/self/exe",
            {std::string("--gtest_filter=") + kSecond, "--gtest_also_run_disabled_tests"},
            folder_.string(),
            [&] {
              ::setenv("ATELIER_TEST_MEETING", meeting.c_str(), 1);
              ::setenv("ATELIER_TEST_FATE", fate.c_str(), 1);
              ::setenv("ATELIER_TEST_SEED", seed.c_str(), 1);
              ::setenv("TEST_TMPDIR", folder_.c_str(), 1);  // a killed one leaves its folder
            }};
  }

  /// The first of two processes.
  WeightSet first(TrainingOptions options, const OnTraining& on_progress = kGoOn,
                  torch::Device device = torch::kCPU) const {
    options.role = role(0);
    Duel duel(2, device);
    return train(duel, options, on_progress);
  }

  std::string fault(const std::function<void()>& action) const {
    try {
      action();
    } catch (const Error& error) {
      return (error.kind() == ErrorKind::kFailure ? "failure: " : "request: ") + std::string(error.what());
    }
    return "none";
  }

  fs::path folder_;
};

void expect_near(const WeightSet& a, const WeightSet& b, double tolerance) {
  for (const auto& [name, tensor] : a.tensors) {
    if (name == "last") continue;
    EXPECT_NEAR(a.floats(name).front(), b.floats(name).front(), tolerance) << name;
  }
}

/// What the second process does in the tests below, which start it.
TEST_F(ProcessGroupTest, DISABLED_SecondOfTwo) {
  if (told("ATELIER_TEST_MEETING").empty()) GTEST_SKIP() << "only for the tests below";
  auto options = plan("second.safetensors");
  options.role = {1, 2, told("ATELIER_TEST_MEETING"), 30};
  options.seed = std::stoull(told("ATELIER_TEST_SEED"));
  Duel duel(2);
  const auto model = train(duel, options, [](const TrainingProgress& progress) {
    if (progress.step == 5 && told("ATELIER_TEST_FATE") == "die") ::raise(SIGKILL);
    return !(progress.step == 5 && told("ATELIER_TEST_FATE") == "stop");
  });
  EXPECT_FALSE(fs::exists(options.output)) << "only the first process writes";
  write_safetensors("of_second.safetensors", model);
}

TEST_F(ProcessGroupTest, TwoWithHalfTheBatchLearnWhatOneDoes) {
  auto partner = second();
  const auto together = first(plan(folder_ / "together.safetensors"));
  EXPECT_EQ(partner.finish().status, 0);
  Duel whole(4);
  const auto alone = train(whole, plan(folder_ / "alone.safetensors"), kGoOn);
  expect_near(together, alone, 2e-6);
  EXPECT_GT(std::abs(alone.floats("rare").front()), 0.01) << "a gradient that one process lacks counts too";
  const auto of_second = read_safetensors(folder_ / "of_second.safetensors");
  expect_near(together, of_second, 0);
  EXPECT_EQ(together.floats("last").front(), 22);
  EXPECT_EQ(of_second.floats("last").front(), 23);
}

TEST_F(ProcessGroupTest, OneOfThemMayComputeOnAnotherDevice) {
  auto partner = second();
  const auto together = first(plan(folder_ / "together.safetensors"), kGoOn, test::stand_in_device());
  EXPECT_EQ(partner.finish().status, 0);
  Duel whole(4);
  expect_near(together, train(whole, plan(folder_ / "alone.safetensors"), kGoOn), 2e-6);
}

TEST_F(ProcessGroupTest, AResumedRunOfTwoEndsAsAWholeOne) {
  const auto path = folder_ / "parts.safetensors";
  {
    auto partner = second();
    first(plan(path), [](const TrainingProgress& progress) { return progress.step < 7; });
    EXPECT_EQ(partner.finish().status, 0);
  }
  EXPECT_EQ(read_safetensors(path.string() + ".checkpoint").metadata.at("step"), "7");
  fs::remove(role(0).meeting);
  auto partner = second();  // has no checkpoint and starts from the first one's
  auto options = plan(path);
  options.resume = true;
  const auto parts = first(options);
  EXPECT_EQ(partner.finish().status, 0);
  Duel whole(4);
  expect_near(parts, train(whole, plan(folder_ / "whole.safetensors"), kGoOn), 2e-6);
}

TEST_F(ProcessGroupTest, AStopWantedByOneStopsBoth) {
  auto partner = second("stop");
  std::int64_t steps = 0;
  first(plan(folder_ / "stopped.safetensors"), [&](const TrainingProgress& progress) {
    steps = progress.step;
    return true;
  });
  EXPECT_EQ(partner.finish().status, 0);
  EXPECT_EQ(steps, 5);
  EXPECT_EQ(read_safetensors(folder_ / "stopped.safetensors.checkpoint").metadata.at("step"), "5");
}

TEST_F(ProcessGroupTest, AKilledPartnerEndsTheRunWithTheCheckpointIntact) {
  auto partner = second("die");
  const auto path = folder_ / "killed.safetensors";
  const auto start = std::chrono::steady_clock::now();
  const auto message = fault([&] { first(plan(path)); });
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  EXPECT_NE(message.find("failure: another process of this training has ended"), std::string::npos) << message;
  EXPECT_EQ(message.find("[./"), std::string::npos) << message;
  EXPECT_EQ(partner.finish().status, 128 + SIGKILL);
  EXPECT_EQ(read_safetensors(path.string() + ".checkpoint").metadata.at("step"), "4");
  auto options = plan(path);
  options.resume = true;
  Duel alone(4);
  EXPECT_EQ(train(alone, options, kGoOn).metadata.at("steps"), "12");
}

TEST_F(ProcessGroupTest, ProcessesWithOtherOptionsAreRefused) {
  auto partner = second("", "7");
  const auto message = fault([&] { first(plan(folder_ / "model.safetensors")); });
  const auto outcome = partner.finish();
  EXPECT_NE(outcome.out.find("told to train something else than the first one"), std::string::npos) << outcome.out;
  EXPECT_NE(message.find("failure: "), std::string::npos) << message;
}

TEST_F(ProcessGroupTest, WaitsNoLongerThanItsPatience) {
  for (const auto& meeting : {(folder_ / "nobody").string(), std::string("127.0.0.1:29417")}) {
    const auto start = std::chrono::steady_clock::now();
    const auto message = fault([&] { ProcessGroup({0, 2, meeting, 0.5}); });
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
    EXPECT_NE(message.find("failure: the 2 processes have not met at " + meeting), std::string::npos) << message;
  }
}

TEST_F(ProcessGroupTest, WaitsNoLongerThanIsWanted) {
  const auto waits = [&](int rank, const std::string& meeting) {
    const auto start = std::chrono::steady_clock::now();
    ProcessRole role{rank, 2, meeting, 60};
    role.keep_waiting = [&] { return std::chrono::steady_clock::now() - start < std::chrono::milliseconds(300); };
    try {
      ProcessGroup group(role);
      ADD_FAILURE() << "nobody else was there";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kStopped) << error.what();
    }
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5)) << rank << " " << meeting;
  };
  const auto file = role(0).meeting;
  for (const int rank : {0, 1}) {
    waits(rank, file);
    waits(rank, "127.0.0.1:29418");
  }
  auto partner = second();  // who gave up is not taken to be there
  first(plan(folder_ / "together.safetensors"));
  EXPECT_EQ(partner.finish().status, 0);
}

TEST_F(ProcessGroupTest, TheFirstMayComeLast) {
  const auto meet = [](int rank) {
    const ProcessGroup group({rank, 2, "127.0.0.1:29419", 60});
    EXPECT_EQ(group.of_first(rank == 0 ? "first" : "second"), "first");
  };
  std::thread other(meet, 1);
  std::this_thread::sleep_for(std::chrono::milliseconds(1200));
  meet(0);
  other.join();
}

TEST_F(ProcessGroupTest, ExchangesMeansAndWhatTheFirstHas) {
  const auto exchange = [&](int rank) {
    const ProcessGroup group(role(rank));
    const std::vector<Tensor> tensors{torch::full({2, 1}, rank + 1.0), torch::full({3}, rank * 4.0)};
    group.average(tensors);
    EXPECT_TRUE(tensors[0].equal(torch::full({2, 1}, 1.5)));
    EXPECT_TRUE(tensors[1].equal(torch::full({3}, 2.0)));
    auto total = torch::tensor({rank + 0.25}, torch::kDouble);
    group.sum(total);
    EXPECT_EQ(total.item<double>(), 1.5);
    EXPECT_EQ(group.of_first(rank == 0 ? "first" : "the second one"), "first");
    EXPECT_EQ(group.of_first(torch::tensor(std::int64_t{7 + rank})).item<std::int64_t>(), 7);
    const auto neither = torch::ones({2}).requires_grad_();
    group.average_gradients({{"neither", neither}});
    EXPECT_FALSE(neither.grad().defined());
  };
  std::thread other(exchange, 1);
  exchange(0);
  other.join();
}

TEST(ProcessRole, AloneNothingChanges) {
  const ProcessGroup group{ProcessRole{}};
  auto tensor = torch::ones({2});
  group.sum(tensor);
  group.average({tensor});
  EXPECT_TRUE(tensor.equal(torch::ones({2})));
  EXPECT_EQ(group.of_first("text"), "text");
}

TEST(ProcessRole, NonsenseIsRefused) {
  const auto refused = [](const ProcessRole& role, const std::string& message) {
    try {
      check_role(role);
      ADD_FAILURE() << message;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
      EXPECT_EQ(error.kind(), ErrorKind::kBadRequest);
    }
  };
  refused({.rank = 0, .processes = 0, .meeting = ""}, "at least one process");
  refused({.rank = 2, .processes = 2, .meeting = "host:1"},
          "rank 2 is none of 2 processes; count the ranks from 0 to 1");
  refused({.rank = -1, .processes = 2, .meeting = "host:1"}, "rank -1 is none of");
  for (const std::string meeting :
       {"", "host", "host:", "host:0", "host:65536", "host:x", ":29500", "host:1234567890123"})
    refused({.rank = 0, .processes = 2, .meeting = meeting}, "\"" + meeting + "\" is no place to meet");
  refused({.rank = 0, .processes = 2, .meeting = "host:1", .patience = 0}, "must be positive");
  check_role({});
}

}  // namespace
}  // namespace atelier
