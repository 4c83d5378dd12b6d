// What /healthz and /metrics tell of who carries out jobs.
#include <gmock/gmock.h>

#include "server/runners.h"
#include "server/studio_fixture.h"
#include "support/redis_server.h"

namespace atelier::server {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class QueueStateTest : public StudioTest {
 protected:
  /// The answer of /healthz once its queue is reachable or not, as `wanted`.
  json health_when(bool wanted) {
    json health = get("/healthz");
    for (int i = 0; i < 200 && health.at("queue").at("reachable") != wanted; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      health = get("/healthz");
    }
    return health;
  }
};

TEST(Places, AreOneForFourCoresButTwoWhereThereAreTwo) {
  ServerOptions options;
  const std::pair<int, int> expected[] = {{1, 1}, {2, 2}, {4, 2}, {8, 2}, {16, 4}, {64, 16}};
  for (const auto& [threads, count] : expected) {
    options.threads = threads;
    EXPECT_EQ(places(options), count) << threads;
  }
  options.jobs_at_once = 5;
  EXPECT_EQ(places(options), 5);
}

TEST_F(QueueStateTest, OfOneMachineIsItsOwnPlaces) {
  options.runs_jobs = true;
  options.jobs_at_once = 3;
  start();
  const json health = get("/healthz");
  EXPECT_EQ(health.at("status"), "ok");
  EXPECT_EQ(health.at("queue"), json({{"kind", "local"}, {"reachable", true}, {"places", 3}}));
  EXPECT_THAT(metrics(), HasSubstr("atelier_queue_reachable 1\n"));
  EXPECT_THAT(metrics(), HasSubstr("atelier_queue_places 3\n"));
}

TEST_F(QueueStateTest, FollowsRedisAsItGoesAndComes) {
  if (!atelier::testing::RedisServer::installed()) GTEST_SKIP() << "redis-server is not installed";
  const auto folder = std::filesystem::temp_directory_path() / ("atelier-queue-" + jobs::random_id());
  std::filesystem::create_directories(folder);
  atelier::testing::RedisServer redis(folder.string());
  options.queue = redis.url();
  start();
  EXPECT_EQ(health_when(true).at("queue"), json({{"kind", "redis"}, {"reachable", true}, {"places", 0}}));
  redis.stop();
  json health = health_when(false);
  EXPECT_EQ(health.at("status"), "degraded");
  EXPECT_EQ(health.at("queue").at("reachable"), false);
  EXPECT_THAT(metrics(), HasSubstr("atelier_queue_reachable 0\n"));
  redis.start();
  health = health_when(true);
  EXPECT_EQ(health.at("status"), "ok");
  EXPECT_THAT(metrics(), HasSubstr("atelier_queue_reachable 1\n"));
  stop();
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace atelier::server
