// Both ends of the queue in Redis: RedisDispatcher at the server, RedisQueue at the workers.
#include "jobs/redis_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "atelier/error.h"
#include "jobs/random_id.h"
#include "jobs/redis_dispatcher.h"
#include "support/redis_server.h"

namespace atelier::jobs {
namespace {

namespace fs = std::filesystem;
using atelier::testing::RedisServer;
using std::chrono::milliseconds;
using ::testing::HasSubstr;

constexpr milliseconds kLease{1200};
const RedisBoard::Limit kLimit{3, to_text(RemoteEnd{JobEnd{JobState::kFailed, "too often; stop"}})};

bool eventually(const std::function<bool()>& condition, milliseconds patience = milliseconds(15000)) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return true;
}

/// A server's folder, store and queue, without its HTTP.
class FakeServer : public DispatcherHome {
 public:
  explicit FakeServer(const fs::path& folder)
      : folder_(folder),
        database_(folder / "jobs.sqlite"),
        store(database_),
        queue_(std::make_unique<LocalQueue>(store)) {}

  Parcel pack(const Job& job) override {
    Parcel parcel{{job.id, job.kind, job.request, {}, {}}, {}};
    parcel.files["0123"] = folder_ / "photo";
    return parcel;
  }
  bool keep(const Job& job, const JobEnd&, const std::optional<std::string>& bytes) override {
    const std::lock_guard lock(mutex_);
    kept_[job.id] = bytes.value_or("");
    return true;
  }
  void ended(const Job& job, const JobEnd&, double) override {
    const std::lock_guard lock(mutex_);
    ++ends_[job.id];
  }
  void say(const char*, const std::string&) override {}

  void start(const RedisServer& redis) {
    dispatcher_ = std::make_unique<RedisDispatcher>(parse_redis_url(redis.url()), store, *queue_, *this,
                                                    RedisDispatcher::Options{kLease});
  }
  void stop() {
    dispatcher_.reset();
    queue_ = std::make_unique<LocalQueue>(store);
  }
  std::string add() {
    const auto job = store.add({"client", "stylize", "{}", {}, {}}).first;
    queue_->offer(job);
    return job.id;
  }
  JobState state(const std::string& id) { return store.find(id)->state; }
  bool comes_to(const std::string& id, JobState wanted) {
    return eventually([&] { return state(id) == wanted; });
  }
  /// How often it ended, once it has.
  int ends(const std::string& id) {
    const auto count = [&] {
      const std::lock_guard lock(mutex_);
      return ends_[id];
    };
    eventually([&] { return count() > 0; });
    return count();
  }
  std::string kept(const std::string& id) {
    const std::lock_guard lock(mutex_);
    return kept_[id];
  }
  LocalQueue& queue() { return *queue_; }

 private:
  fs::path folder_;
  Database database_;

 public:
  JobStore store;

 private:
  std::unique_ptr<LocalQueue> queue_;
  std::mutex mutex_;
  std::map<std::string, std::string> kept_;
  std::map<std::string, int> ends_;
  std::unique_ptr<RedisDispatcher> dispatcher_;
};

class RedisQueueTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!RedisServer::installed()) GTEST_SKIP() << "redis-server is not installed; see scripts/packages.txt";
    fs::create_directories(folder_);
    redis_ = std::make_unique<RedisServer>(folder_);
    board_ = std::make_unique<RedisBoard>(parse_redis_url(redis_->url()));
    server_ = std::make_unique<FakeServer>(folder_);
    server_->start(*redis_);
  }
  void TearDown() override {
    server_.reset();
    fs::remove_all(folder_);
  }

  std::unique_ptr<RedisQueue> worker(int places = 1) {
    return std::make_unique<RedisQueue>(RedisQueue::Options{parse_redis_url(redis_->url()), places, kLease, {}});
  }
  static std::optional<Job> take(RedisQueue& queue) { return queue.take(milliseconds(15000)); }
  static JobEnd done() { return {JobState::kDone, "", JobResult{4, 3, 12}}; }

  const fs::path folder_ =
      fs::path(::testing::TempDir()) /
      (std::string("redis_queue_") + ::testing::UnitTest::GetInstance()->current_test_info()->name() + "_" +
       std::to_string(::getpid()));
  std::unique_ptr<RedisServer> redis_;
  std::unique_ptr<RedisBoard> board_;
  std::unique_ptr<FakeServer> server_;
};

TEST_F(RedisQueueTest, AJobGoesThereAndComesBack) {
  const auto queue = worker();
  const auto id = server_->add();
  const auto job = take(*queue);
  ASSERT_TRUE(job);
  EXPECT_EQ(job->id, id);
  EXPECT_EQ(job->kind, "stylize");
  EXPECT_EQ(job->request, "{}");
  EXPECT_EQ(job->attempts, 1);
  EXPECT_EQ(server_->state(id), JobState::kRunning);
  EXPECT_TRUE(queue->report(id, {"painting", 3, 10, 1.5, 3.5}));
  queue->show(id, "a picture");
  EXPECT_TRUE(eventually([&] {
    const auto live = server_->queue().live(id);
    return live && live->progress && live->progress->step == 3 && live->preview == "a picture";
  }));
  queue->finish(id, done());
  EXPECT_TRUE(server_->comes_to(id, JobState::kDone));
  EXPECT_EQ(server_->store.find(id)->result->width, 4);
  EXPECT_TRUE(eventually([&] { return board_->redis().command({"EXISTS", "atelier:job:" + id}).integer == 0; }));
}

TEST_F(RedisQueueTest, WithoutAWorkerJobsWaitInTheStore) {
  const auto id = server_->add();
  std::this_thread::sleep_for(milliseconds(300));
  EXPECT_EQ(server_->state(id), JobState::kQueued);
  EXPECT_EQ(server_->store.find(id)->attempts, 0);
}

TEST_F(RedisQueueTest, TwoWorkersDoEachJobOnce) {
  std::vector<std::string> ids;
  for (int i = 0; i < 20; ++i) ids.push_back(server_->add());
  std::map<std::string, int> runs;
  std::mutex mutex;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i)
    threads.emplace_back([&] {
      const auto queue = worker();
      while (const auto job = queue->take(milliseconds(2500))) {
        {
          const std::lock_guard lock(mutex);
          ++runs[job->id];
        }
        queue->finish(job->id, done());
      }
    });
  for (const auto& id : ids) EXPECT_TRUE(server_->comes_to(id, JobState::kDone));
  for (auto& thread : threads) thread.join();
  for (const auto& id : ids) {
    EXPECT_EQ(runs[id], 1);
    EXPECT_EQ(server_->ends(id), 1);
  }
}

TEST_F(RedisQueueTest, AJobOfADeadWorkerIsTakenOver) {
  board_->greet("dead", 1, kLease);
  const auto id = server_->add();
  const auto hold = board_->take("dead", kLimit, milliseconds(15000));
  ASSERT_TRUE(hold);
  const auto queue = worker();
  EXPECT_FALSE(queue->take(kLease / 4));  // the lease protects it
  const auto job = take(*queue);
  ASSERT_TRUE(job);
  EXPECT_EQ(job->id, id);
  EXPECT_EQ(job->attempts, 2);
  // The dead one was only slow.
  EXPECT_EQ(board_->renew("dead", *hold), RedisBoard::Answer::kLost);
  EXPECT_FALSE(board_->finish("dead", id, to_text(RemoteEnd{JobEnd{JobState::kFailed, "late; sorry"}})));
  queue->finish(id, done());
  EXPECT_TRUE(server_->comes_to(id, JobState::kDone));
  EXPECT_EQ(server_->ends(id), 1);
}

TEST_F(RedisQueueTest, ALiveWorkerKeepsItsJobForLongerThanTheLease) {
  const auto queue = worker();
  const auto other = worker();
  const auto id = server_->add();
  auto* holder = queue.get();
  auto job = holder->take(milliseconds(500));
  if (!job) {
    job = take(*other);
    holder = other.get();
  }
  ASSERT_TRUE(job);
  auto& idle = holder == queue.get() ? *other : *queue;
  EXPECT_FALSE(idle.take(2 * kLease));
  EXPECT_TRUE(holder->report(id, {"painting"}));
  holder->finish(id, done());
  EXPECT_TRUE(server_->comes_to(id, JobState::kDone));
}

TEST_F(RedisQueueTest, AJobThatKillsWorkersIsGivenUp) {
  board_->greet("deadly", 1, milliseconds(60000));
  const auto id = server_->add();
  ASSERT_TRUE(board_->take("deadly", kLimit, milliseconds(15000)));
  for (int attempt = 2; attempt <= 3; ++attempt) {
    std::optional<RedisBoard::Hold> hold;
    ASSERT_TRUE(eventually([&] { return (hold = board_->take_over("deadly", kLimit, milliseconds(50))).has_value(); }));
    EXPECT_EQ(hold->attempts, attempt);
  }
  EXPECT_TRUE(eventually([&] {
    return !board_->take_over("deadly", kLimit, milliseconds(50)) && server_->state(id) == JobState::kFailed;
  }));
  EXPECT_EQ(server_->store.find(id)->error, "too often; stop");
}

TEST_F(RedisQueueTest, AnEndToldTwiceIsAppliedOnce) {
  const auto queue = worker();
  const auto id = server_->add();
  ASSERT_TRUE(take(*queue));
  queue->report(id, {"painting"});
  ASSERT_TRUE(eventually([&] { return board_->redis().command({"KEYS", "atelier:events:*"}).list.size() == 1; }));
  const auto stream = board_->redis().command({"KEYS", "atelier:events:*"}).list[0].text;
  queue->finish(id, done());
  ASSERT_TRUE(server_->comes_to(id, JobState::kDone));
  const auto failed = to_text(RemoteEnd{JobEnd{JobState::kFailed, "again; no"}});
  board_->redis().command({"XADD", stream, "*", "kind", "end", "job", id, "text", failed});
  const auto next = server_->add();
  ASSERT_TRUE(take(*queue));
  queue->finish(next, done());
  ASSERT_TRUE(server_->comes_to(next, JobState::kDone));
  EXPECT_EQ(server_->state(id), JobState::kDone);
  EXPECT_EQ(server_->ends(id), 1);
}

TEST_F(RedisQueueTest, CancelReachesTheWorker) {
  const auto queue = worker();
  const auto id = server_->add();
  ASSERT_TRUE(take(*queue));
  EXPECT_TRUE(queue->report(id, {"painting"}));
  EXPECT_TRUE(server_->queue().cancel(id));
  EXPECT_TRUE(server_->comes_to(id, JobState::kCancelled));  // without the worker's answer
  EXPECT_TRUE(eventually([&] { return !queue->report(id, {"painting"}); }));
  queue->finish(id, {JobState::kCancelled});
  EXPECT_TRUE(eventually([&] { return board_->redis().command({"EXISTS", "atelier:job:" + id}).integer == 0; }));
  EXPECT_EQ(server_->state(id), JobState::kCancelled);
}

TEST_F(RedisQueueTest, CancelTakesDownAWaitingJob) {
  board_->greet("busy", 1, milliseconds(60000));
  const auto id = server_->add();
  ASSERT_TRUE(eventually([&] { return board_->redis().command({"XLEN", "atelier:jobs"}).integer == 1; }));
  EXPECT_TRUE(server_->queue().cancel(id));
  EXPECT_TRUE(server_->comes_to(id, JobState::kCancelled));
  EXPECT_TRUE(eventually([&] { return board_->redis().command({"XLEN", "atelier:jobs"}).integer == 0; }));
  EXPECT_FALSE(worker()->take(milliseconds(600)));
}

TEST_F(RedisQueueTest, AJobGivenBackDoesNotCountAsAnAttempt) {
  const auto id = server_->add();
  {
    const auto leaving = worker();
    ASSERT_TRUE(take(*leaving));
    leaving->stop();
    leaving->give_back(id);
    EXPECT_FALSE(leaving->take(milliseconds(100)));
  }
  const auto queue = worker();
  const auto job = take(*queue);
  ASSERT_TRUE(job);
  EXPECT_EQ(job->id, id);
  EXPECT_EQ(job->attempts, 1);
}

TEST_F(RedisQueueTest, FilesTravelBothWays) {
  std::ofstream(folder_ / "photo") << "a photo";
  const auto queue = worker();
  const auto id = server_->add();
  ASSERT_TRUE(take(*queue));
  EXPECT_EQ(queue->message(id).id, id);
  EXPECT_EQ(queue->fetch(id, "0123"), "a photo");
  queue->keep_result(id, "a painting");
  queue->finish(id, done());
  EXPECT_TRUE(server_->comes_to(id, JobState::kDone));
  EXPECT_EQ(server_->kept(id), "a painting");
}

TEST_F(RedisQueueTest, FilesStayInRedisAsLongAsAJobNeedsThem) {
  std::ofstream(folder_ / "photo") << "a photo";
  const auto queue = worker(2);
  const auto first = server_->add(), second = server_->add();
  for (int i = 0; i < 2; ++i) {
    const auto job = take(*queue);
    ASSERT_TRUE(job);
    EXPECT_EQ(queue->fetch(job->id, "0123"), "a photo");
  }
  queue->finish(first, done());
  ASSERT_TRUE(server_->comes_to(first, JobState::kDone));
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_TRUE(board_->file("0123"));
  queue->finish(second, done());
  EXPECT_TRUE(eventually([&] { return !board_->file("0123"); }));
}

TEST_F(RedisQueueTest, NothingIsLeftOfAJobThatIsCancelledWhileTheServerStops) {
  board_->greet("busy", 1, milliseconds(60000));
  const auto id = server_->add();
  const auto kept = [&] { return board_->redis().command({"EXISTS", "atelier:job:" + id}).integer; };
  ASSERT_TRUE(eventually([&] { return kept() == 1; }));
  EXPECT_TRUE(server_->queue().cancel(id));
  EXPECT_TRUE(server_->comes_to(id, JobState::kCancelled));
  server_->stop();
  EXPECT_EQ(kept(), 0);
  EXPECT_EQ(board_->redis().command({"XLEN", "atelier:jobs"}).integer, 0);
}

TEST_F(RedisQueueTest, OnlyFilesOfTheJobAreGiven) {
  const auto queue = worker();
  const auto id = server_->add();
  ASSERT_TRUE(take(*queue));
  EXPECT_FALSE(queue->fetch(id, "../jobs.sqlite"));
  EXPECT_TRUE(server_->comes_to(id, JobState::kFailed));
}

TEST_F(RedisQueueTest, NothingIsLostWhenRedisLosesEverything) {
  const auto queue = worker(2);
  const auto running = server_->add();
  ASSERT_TRUE(take(*queue));
  const auto waiting = server_->add();  // the worker has a second place
  ASSERT_TRUE(eventually([&] { return board_->redis().command({"XLEN", "atelier:jobs"}).integer == 2; }));
  redis_->stop();
  const auto later = server_->add();
  EXPECT_TRUE(queue->report(running, {"painting"}));  // painting goes on
  std::this_thread::sleep_for(milliseconds(300));
  redis_->start();
  std::map<std::string, int> runs;
  std::thread second([&] {
    while (const auto job = queue->take(milliseconds(6000))) {
      ++runs[job->id];
      queue->finish(job->id, done());
    }
  });
  std::this_thread::sleep_for(kLease);
  queue->finish(running, done());
  for (const auto& id : {running, waiting, later}) EXPECT_TRUE(server_->comes_to(id, JobState::kDone));
  second.join();
  EXPECT_EQ(runs[running], 0);  // its worker came forward
  EXPECT_EQ(runs[waiting], 1);
  EXPECT_EQ(runs[later], 1);
  for (const auto& id : {running, waiting, later}) EXPECT_EQ(server_->ends(id), 1);
}

TEST_F(RedisQueueTest, AnEndWhileRedisIsAwayIsToldLater) {
  const auto queue = worker();
  const auto id = server_->add();
  ASSERT_TRUE(take(*queue));
  redis_->stop();
  std::thread finishing([&] { queue->finish(id, done()); });
  std::this_thread::sleep_for(milliseconds(400));
  redis_->start();
  finishing.join();
  EXPECT_TRUE(server_->comes_to(id, JobState::kDone));
  EXPECT_EQ(server_->ends(id), 1);
}

TEST_F(RedisQueueTest, AServerThatWasAwayHearsOfWhatEndedMeanwhile) {
  const auto queue = worker();
  const auto id = server_->add();
  ASSERT_TRUE(take(*queue));
  server_->stop();
  EXPECT_EQ(server_->state(id), JobState::kQueued);
  queue->finish(id, done());
  server_->start(*redis_);
  EXPECT_TRUE(server_->comes_to(id, JobState::kDone));
  EXPECT_FALSE(queue->take(milliseconds(200)));
  EXPECT_EQ(server_->ends(id), 1);
}

TEST_F(RedisQueueTest, SaysOnceThatRedisIsAwayAndOnceThatItIsBack) {
  std::vector<std::string> said;
  std::mutex mutex;
  RedisQueue queue({parse_redis_url(redis_->url()), 1, kLease, [&](const std::string& line) {
                      const std::lock_guard lock(mutex);
                      said.push_back(line);
                    }});
  ASSERT_TRUE(eventually([&] { return board_->places() == 1; }));
  redis_->stop();
  EXPECT_FALSE(queue.take(milliseconds(1000)));
  redis_->start();
  EXPECT_TRUE(eventually([&] { return board_->places() == 1; }));
  EXPECT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return said.size() == 2;
  }));
  const std::lock_guard lock(mutex);
  EXPECT_THAT(said[0], HasSubstr("cannot be used"));
  EXPECT_THAT(said[1], HasSubstr("is back"));
}

TEST_F(RedisQueueTest, AWorkerTakesInNoJobs) { EXPECT_THROW(worker()->offer({}), Error); }

TEST(JobMessage, ComesBackAsItWas) {
  JobMessage message{"0123456789abcdef", "stylize", R"({"size": 5})", {}, {{"mine", "beef"}}};
  message.pictures.push_back({"id", "sha", "", "sea \xff.jpg", 640, 480, 99, 0});
  const auto back = parse_message(to_text(message));
  EXPECT_EQ(back.request, message.request);
  EXPECT_EQ(back.styles, message.styles);
  EXPECT_EQ(back.pictures.at(0).height, 480);
  const auto end = parse_end(to_text(RemoteEnd{{JobState::kDone, "", JobResult{4, 3, 12}}, true}));
  EXPECT_EQ(end.end.result->bytes, 12);
  EXPECT_TRUE(end.in_queue);
  EXPECT_FALSE(parse_end(to_text(RemoteEnd{{JobState::kFailed, "no; yes"}})).end.result);
  EXPECT_EQ(parse_progress(to_text(JobProgress{"paint", 2, 9, 1, -1})).steps, 9);
  for (const char* text : {"", "{}", "[]", R"({"state": "done"})"}) EXPECT_THROW(parse_end(text), Error) << text;
}

}  // namespace
}  // namespace atelier::jobs
