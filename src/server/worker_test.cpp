#include "server/worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "atelier/error.h"
#include "jobs/job_message.h"
#include "jobs/redis_board.h"
#include "support/redis_server.h"
#include "support/weight_files.h"

namespace atelier::server {
namespace {

using jobs::JobState;
using jobs::RedisBoard;
using ::testing::HasSubstr;

constexpr const char *kJob = "0123456789abcdef", *kServer = "server";

/// How the job ended; kQueued where it did not within the time.
jobs::JobEnd end_of_job(RedisBoard& board) {
  for (int look = 0; look < 600; ++look, std::this_thread::sleep_for(std::chrono::milliseconds(50)))
    if (const auto posted = board.look(kJob, kServer); posted.state == RedisBoard::State::kOver)
      return jobs::parse_end(posted.end).end;
  return {JobState::kQueued, ""};
}

TEST(Worker, AJobThatItCannotReadFails) {
  if (!testing::RedisServer::installed()) GTEST_SKIP() << "redis-server is not installed; see scripts/packages.txt";
  const test::TemporaryFolder folder;
  const testing::RedisServer redis(folder.path().string());
  RedisBoard board(jobs::parse_redis_url(redis.url()));
  board.offer(kJob, jobs::to_text(jobs::JobMessage{kJob, "stylize", "no JSON", {}, {}}), kServer);
  const Worker worker({.queue = jobs::parse_redis_url(redis.url()),
                       .data = {},
                       .scratch = folder / "scratch",
                       .jobs_at_once = 1,
                       .threads = 1,
                       .log = {}});
  const auto end = end_of_job(board);
  EXPECT_EQ(end.state, JobState::kFailed);
  EXPECT_THAT(end.error, HasSubstr("a worker could not bring what this job needs"));
}

}  // namespace
}  // namespace atelier::server
