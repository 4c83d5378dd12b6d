#include "jobs/job_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "atelier/error.h"
#include "jobs/local_queue.h"
#include "jobs/picture_store.h"
#include "jobs/random_id.h"

namespace atelier::jobs {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Stores in a folder of their own; reopen() is what a killed server does at its next start.
class Jobs : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("atelier-jobs-" + random_id());
    fs::create_directories(folder_);
    reopen();
  }
  void TearDown() override {
    close();
    fs::remove_all(folder_);
  }
  void close() {
    pictures_.reset();
    store_.reset();
    database_.reset();
  }
  void reopen() {
    close();
    database_ = std::make_unique<Database>(folder_ / "jobs.sqlite");
    store_ = std::make_unique<JobStore>(*database_);
    pictures_ = std::make_unique<PictureStore>(*database_, folder_ / "pictures");
  }
  std::string add(const std::string& client, const std::string& request = "{}") {
    return store_->add({client, "stylize", request, std::nullopt, {}}).first.id;
  }
  Picture keep(const std::string& content) { return pictures_->add({"", "", "me", "a.png", 3, 2, 0, 0}, content); }
  std::vector<std::string> take_all() {
    std::vector<std::string> requests;
    while (const auto job = store_->take()) requests.push_back(job->request);
    return requests;
  }
  int recover(const std::optional<JobResult>& found = std::nullopt) {
    return store_->recover([&](const Job&) { return found; });
  }

  fs::path folder_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<JobStore> store_;
  std::unique_ptr<PictureStore> pictures_;
};

TEST_F(Jobs, KeepWhatWasPostedAndWhatBecameOfIt) {
  const double before = unix_time();
  const auto id = add("me", R"({"kind":"stylize"})");
  EXPECT_TRUE(is_id(id));
  const auto taken = store_->take();
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->id, id);
  EXPECT_EQ(taken->attempts, 1);
  EXPECT_TRUE(store_->finish(id, {JobState::kDone, "", JobResult{640, 480, 12345}}));
  reopen();
  const auto job = store_->find(id);
  ASSERT_TRUE(job);
  EXPECT_EQ(job->state, JobState::kDone);
  EXPECT_EQ(job->request, R"({"kind":"stylize"})");
  EXPECT_EQ(job->client, "me");
  ASSERT_TRUE(job->result);
  EXPECT_EQ(job->result->width, 640);
  EXPECT_EQ(job->result->height, 480);
  EXPECT_EQ(job->result->bytes, 12345);
  EXPECT_GE(job->created, before);
  EXPECT_GE(job->started, job->created);
  EXPECT_GE(job->finished, job->started);
  EXPECT_EQ(store_->result_bytes(), 12345);
}

TEST_F(Jobs, AreUnknownByAnyOtherId) {
  add("me");
  EXPECT_FALSE(store_->find("0123456789abcdef"));
  EXPECT_FALSE(store_->find("' OR '1'='1"));
  EXPECT_FALSE(store_->cancel("0123456789abcdef"));
  EXPECT_FALSE(store_->finish("0123456789abcdef", {}));
}

TEST_F(Jobs, ClientsTakeTurns) {
  for (const char* request : {"a1", "a2", "a3"}) add("a", request);
  for (const char* request : {"b1", "b2"}) add("b", request);
  add("c", "c1");
  EXPECT_THAT(take_all(), ElementsAre("a1", "b1", "c1", "a2", "b2", "a3"));
}

TEST_F(Jobs, WhoWasServedLastWaitsForTheOthers) {
  add("a", "a1");
  EXPECT_THAT(take_all(), ElementsAre("a1"));
  add("a", "a2");
  add("b", "b1");
  EXPECT_THAT(take_all(), ElementsAre("b1", "a2"));
}

TEST_F(Jobs, PositionIsThePlaceInWhichTheyAreTaken) {
  std::vector<std::string> ids;
  for (const char* client : {"a", "a", "a", "b", "c", "b"}) ids.push_back(add(client, std::to_string(ids.size())));
  std::vector<std::string> expected(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i)
    expected.at(static_cast<std::size_t>(store_->position(ids[i])) - 1) = std::to_string(i);
  EXPECT_EQ(take_all(), expected);
  EXPECT_EQ(store_->position(ids[0]), 0);
}

TEST_F(Jobs, TheSameKeyGivesTheSameJob) {
  const NewJob wanted{"me", "stylize", "{}", "key-1", {}};
  const auto [first, is_new] = store_->add(wanted);
  EXPECT_TRUE(is_new);
  reopen();
  const auto [second, again] = store_->add(wanted);
  EXPECT_FALSE(again);
  EXPECT_EQ(second.id, first.id);
  EXPECT_EQ(store_->find_same(wanted)->id, first.id);
  EXPECT_NE(store_->add({"you", "stylize", "{}", "key-1", {}}).first.id, first.id);
  EXPECT_THROW(store_->add({"me", "stylize", R"({"other":1})", "key-1", {}}), Error);
  EXPECT_EQ(store_->waiting(), 2);
}

TEST_F(Jobs, AKilledServerBeginsRunningJobsAgain) {
  const auto id = add("me");
  store_->take();
  reopen();
  EXPECT_EQ(recover(), 1);
  EXPECT_EQ(store_->find(id)->state, JobState::kQueued);
  EXPECT_EQ(store_->take()->attempts, 2);
}

TEST_F(Jobs, AKilledServerDoesNotRepeatWhatWasFinished) {
  const auto id = add("me");
  store_->take();
  reopen();
  EXPECT_EQ(recover(JobResult{5, 4, 99}), 1);  // the picture lay whole on disk, only the row was not changed yet
  EXPECT_EQ(store_->find(id)->state, JobState::kDone);
  EXPECT_EQ(store_->find(id)->result->bytes, 99);
  EXPECT_FALSE(store_->take());
  reopen();
  EXPECT_EQ(recover(), 0);
  EXPECT_EQ(store_->find(id)->state, JobState::kDone);
}

TEST_F(Jobs, AJobThatBringsTheServerDownIsGivenUp) {
  const auto id = add("me");
  for (int attempt = 1; attempt <= JobStore::kMostAttempts; ++attempt) {
    ASSERT_TRUE(store_->take()) << attempt;
    reopen();
    recover();
  }
  EXPECT_EQ(store_->find(id)->state, JobState::kFailed);
  EXPECT_THAT(store_->find(id)->error, HasSubstr("3 times"));
  EXPECT_FALSE(store_->take());
}

TEST_F(Jobs, AnOrderlyStopCountsNoAttempt) {
  const auto id = add("me");
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(store_->take());
    store_->give_back(id);
  }
  EXPECT_EQ(store_->find(id)->attempts, 0);
  EXPECT_EQ(store_->find(id)->state, JobState::kQueued);
}

TEST_F(Jobs, ACancelledJobStaysSoAfterAKill) {
  const auto waiting = add("me"), running = add("me");
  EXPECT_TRUE(store_->cancel(waiting));
  EXPECT_EQ(store_->find(waiting)->state, JobState::kCancelled);
  EXPECT_EQ(store_->take()->id, running);
  EXPECT_TRUE(store_->cancel(running));
  EXPECT_EQ(store_->find(running)->state, JobState::kRunning);
  reopen();
  recover();
  EXPECT_EQ(store_->find(running)->state, JobState::kCancelled);
  EXPECT_FALSE(store_->cancel(running));
}

TEST_F(Jobs, AnEndIsFinal) {
  const auto id = add("me");
  store_->take();
  EXPECT_TRUE(store_->finish(id, {JobState::kFailed, "broken; mend it"}));
  EXPECT_FALSE(store_->finish(id, {JobState::kDone, "", JobResult{1, 1, 1}}));
  EXPECT_EQ(store_->find(id)->error, "broken; mend it");
}

TEST_F(Jobs, AreListedNewestFirstInPages) {
  const auto a = add("a"), b = add("b"), c = add("a");
  const auto ids = [](const std::vector<Job>& jobs) {
    std::vector<std::string> found;
    for (const auto& job : jobs) found.push_back(job.id);
    return found;
  };
  EXPECT_THAT(ids(store_->list(2, "", std::nullopt)), ElementsAre(c, b));
  EXPECT_THAT(ids(store_->list(2, b, std::nullopt)), ElementsAre(a));
  EXPECT_THAT(ids(store_->list(9, "", "a")), ElementsAre(c, a));
  EXPECT_THAT(ids(store_->list(9, "nonsense", std::nullopt)), IsEmpty());
}

TEST_F(Jobs, GoForGoodWithPicturesThatNoOtherNeeds) {
  const auto shared = keep("shared"), own = keep("own");
  const auto first = store_->add({"me", "stylize", "{}", std::nullopt, {own.id, shared.id}}).first.id;
  const auto second = store_->add({"me", "stylize", "{}", std::nullopt, {shared.id}}).first.id;
  EXPECT_FALSE(store_->remove(first)) << "it is not over";
  store_->cancel(first);
  EXPECT_EQ(store_->remove(first), std::vector<std::string>{own.id});
  EXPECT_FALSE(store_->find(first));
  store_->cancel(second);
  EXPECT_EQ(store_->remove(second), std::vector<std::string>{shared.id});
}

TEST_F(Jobs, NeedPicturesThatAreThere) {
  EXPECT_THROW(store_->add({"me", "stylize", "{}", std::nullopt, {"0123456789abcdef"}}), Error);
  EXPECT_EQ(store_->waiting(), 0);
}

TEST_F(Jobs, PicturesOfOneContentShareAFile) {
  const auto first = keep("pixels"), second = keep("pixels");
  EXPECT_NE(first.id, second.id);
  EXPECT_EQ(pictures_->file_of(first), pictures_->file_of(second));
  EXPECT_EQ(pictures_->bytes(), 6);
  EXPECT_EQ(pictures_->remove(first.id), PictureStore::Removal::kDone);
  EXPECT_TRUE(fs::exists(pictures_->file_of(second)));
  EXPECT_EQ(pictures_->remove(second.id), PictureStore::Removal::kDone);
  EXPECT_FALSE(fs::exists(pictures_->file_of(second)));
  EXPECT_EQ(pictures_->remove(second.id), PictureStore::Removal::kUnknown);
}

TEST_F(Jobs, PicturesStayWhileAJobNeedsThem) {
  const auto needed = keep("needed"), idle = keep("idle");
  store_->add({"me", "stylize", "{}", std::nullopt, {needed.id}});
  EXPECT_EQ(pictures_->remove(needed.id), PictureStore::Removal::kInUse);
  EXPECT_EQ(pictures_->remove_unused(unix_time() + 1), 1);
  EXPECT_TRUE(pictures_->find(needed.id));
  EXPECT_FALSE(pictures_->find(idle.id));
}

TEST_F(Jobs, FilesThatACrashLeftBehindGo) {
  const auto known = keep("known");
  std::ofstream(folder_ / "pictures" / "stray") << "x";
  pictures_->remove_strays();
  EXPECT_FALSE(fs::exists(folder_ / "pictures" / "stray"));
  EXPECT_TRUE(fs::exists(pictures_->file_of(known)));
}

TEST_F(Jobs, ADamagedStoreIsRefusedByName) {
  close();
  std::ofstream(folder_ / "jobs.sqlite", std::ios::trunc) << std::string(4096, 'x');
  EXPECT_THROW(Database(folder_ / "jobs.sqlite"), Error);
  fs::remove(folder_ / "jobs.sqlite");
}

TEST_F(Jobs, TheQueueTellsThoseWhoWatch) {
  LocalQueue queue(*store_);
  const auto id = add("me");
  const auto seen = queue.changes();
  queue.offer(*store_->find(id));
  EXPECT_NE(queue.wait_for_change(seen, std::chrono::seconds(1)), seen);
  const auto job = queue.take(std::chrono::seconds(1));
  ASSERT_TRUE(job);
  EXPECT_TRUE(queue.report(id, {"scale 1", 3, 10, 1.5, 2.5}));
  queue.show(id, "jpeg");
  ASSERT_TRUE(queue.live(id));
  EXPECT_EQ(queue.live(id)->progress->step, 3);
  EXPECT_EQ(queue.live(id)->preview, "jpeg");
  EXPECT_EQ(queue.live(id)->preview_number, 1);
  EXPECT_TRUE(queue.cancel(id));
  EXPECT_FALSE(queue.report(id, {"scale 1", 4, 10})) << "a cancelled job is told to stop";
  queue.finish(id, {JobState::kCancelled});
  EXPECT_FALSE(queue.live(id));
  EXPECT_EQ(store_->find(id)->state, JobState::kCancelled);
}

TEST_F(Jobs, AStoppedQueueGivesNothing) {
  LocalQueue queue(*store_);
  add("me");
  EXPECT_TRUE(queue.take(std::chrono::milliseconds(1)));
  EXPECT_FALSE(queue.take(std::chrono::milliseconds(1)));
  add("me");
  queue.stop();
  EXPECT_FALSE(queue.take(std::chrono::seconds(5)));
}

}  // namespace
}  // namespace atelier::jobs
