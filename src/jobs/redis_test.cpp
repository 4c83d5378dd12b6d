#include "jobs/redis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "atelier/error.h"
#include "support/redis_server.h"

namespace atelier::jobs {
namespace {

namespace fs = std::filesystem;
using atelier::testing::RedisServer;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(RedisUrl, EveryPart) {
  const auto address = parse_redis_url("redis://painter:p%40ss:word@queue.example:6380/3");
  EXPECT_EQ(address.host, "queue.example");
  EXPECT_EQ(address.port, 6380);
  EXPECT_EQ(address.user, "painter");
  EXPECT_EQ(address.password, "p@ss:word");
  EXPECT_EQ(address.database, 3);
  EXPECT_EQ(address.shown(), "redis://queue.example:6380/3");
}

TEST(RedisUrl, OnlyAHost) {
  const auto address = parse_redis_url("redis://10.0.0.7/");
  EXPECT_EQ(address.host, "10.0.0.7");
  EXPECT_EQ(address.port, 6379);
  EXPECT_EQ(address.password, "");
  EXPECT_EQ(address.database, 0);
}

TEST(RedisUrl, AHostOfIpVersionSix) {
  const auto address = parse_redis_url("redis://:secret@[::1]:7000");
  EXPECT_EQ(address.host, "::1");
  EXPECT_EQ(address.port, 7000);
  EXPECT_EQ(address.shown(), "redis://[::1]:7000");
}

TEST(RedisUrl, RefusesWhatIsNone) {
  for (const char* url : {"", "localhost:6379", "http://host", "rediss://host", "redis://", "redis://host:0",
                          "redis://host:65536", "redis://host:x", "redis://host/one", "redis://:hidden@host:x",
                          "redis://user@host", "redis://:%4@host", "redis://:%zz@host", "redis://[::1"})
    try {
      parse_redis_url(url);
      ADD_FAILURE() << url;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kBadRequest) << url;
      EXPECT_THAT(error.what(), HasSubstr("; write redis://")) << url;
      EXPECT_THAT(error.what(), Not(HasSubstr("hidden")));
    }
}

TEST(RedisBackoff, DoublesUpToFiveSeconds) {
  Backoff backoff;
  std::vector<int> waits;
  for (int i = 0; i < 8; ++i) waits.push_back(static_cast<int>(backoff.next().count()));
  EXPECT_EQ(waits, (std::vector<int>{100, 200, 400, 800, 1600, 3200, 5000, 5000}));
  backoff.reset();
  EXPECT_EQ(backoff.next().count(), 100);
}

class RedisTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!RedisServer::installed()) GTEST_SKIP() << "redis-server is not installed; see scripts/packages.txt";
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string failure(Redis& redis, const std::vector<std::string>& words) {
    try {
      redis.command(words);
      return "";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kFailure);
      return error.what();
    }
  }

  const fs::path folder_ = fs::path(::testing::TempDir()) / ("redis_" + std::to_string(::getpid()));
};

TEST_F(RedisTest, ValuesOfEveryKind) {
  const RedisServer server(folder_);
  Redis redis(parse_redis_url(server.url() + "/2"));
  const std::string binary("a\0\r\n\xff", 5);
  EXPECT_EQ(redis.command({"SET", "key", binary}).text, "OK");
  EXPECT_EQ(redis.command({"GET", "key"}).text, binary);
  EXPECT_TRUE(redis.command({"GET", "other"}).nothing());
  const auto list = redis.script("return {KEYS[1], ARGV[1], 7, {}, false}", {"k"}, {"v"});
  ASSERT_EQ(list.list.size(), 5U);
  EXPECT_EQ(list.list[0].text, "k");
  EXPECT_EQ(list.list[1].text, "v");
  EXPECT_EQ(list.list[2].integer, 7);
  EXPECT_EQ(list.list[3].kind, RedisValue::Kind::kList);
  EXPECT_TRUE(list.list[4].nothing());
}

TEST_F(RedisTest, WhatItRefusesIsOneLine) {
  const RedisServer server(folder_);
  Redis redis(parse_redis_url(server.url()));
  redis.command({"SET", "key", "text"});
  const auto message = failure(redis, {"INCR", "key"});
  EXPECT_THAT(message, HasSubstr("not an integer"));
  EXPECT_THAT(message, Not(HasSubstr("\n")));
  EXPECT_EQ(redis.command({"PING"}).text, "PONG");  // the connection is still good
}

TEST_F(RedisTest, AClosedPortIsNamedWithoutThePassword) {
  RedisServer server(folder_, "secret");
  Redis redis(parse_redis_url(server.url()));
  server.stop();
  const auto message = failure(redis, {"PING"});
  EXPECT_THAT(message, HasSubstr("redis://127.0.0.1:" + std::to_string(server.port())));
  EXPECT_THAT(message, HasSubstr("refused"));
  EXPECT_THAT(message, Not(HasSubstr("secret")));
}

TEST_F(RedisTest, Passwords) {
  const RedisServer server(folder_, "right");
  const auto port = std::to_string(server.port());
  Redis right(parse_redis_url("redis://:right@127.0.0.1:" + port));
  Redis named(parse_redis_url("redis://default:right@127.0.0.1:" + port));
  Redis wrong(parse_redis_url("redis://:wrong@127.0.0.1:" + port));
  Redis none(parse_redis_url("redis://127.0.0.1:" + port));
  EXPECT_EQ(right.command({"PING"}).text, "PONG");
  EXPECT_EQ(named.command({"PING"}).text, "PONG");
  EXPECT_THAT(failure(wrong, {"PING"}), HasSubstr("WRONGPASS"));
  EXPECT_THAT(failure(none, {"PING"}), HasSubstr("NOAUTH"));
}

TEST_F(RedisTest, ABrokenConnectionIsReplaced) {
  const RedisServer server(folder_);
  Redis redis(parse_redis_url(server.url()));
  Redis other(parse_redis_url(server.url()));
  EXPECT_EQ(redis.command({"INCR", "count"}).integer, 1);
  other.command({"CLIENT", "KILL", "TYPE", "normal"});
  EXPECT_EQ(redis.command({"INCR", "count"}).integer, 2);
}

TEST_F(RedisTest, CutOffAndBack) {
  RedisServer server(folder_);
  Redis redis(parse_redis_url(server.url()));
  redis.command({"SET", "key", "value"});
  server.stop();
  EXPECT_NE(failure(redis, {"PING"}), "");
  EXPECT_NE(failure(redis, {"PING"}), "");
  server.start();
  EXPECT_TRUE(redis.command({"GET", "key"}).nothing());
}

TEST_F(RedisTest, ABlockingCommandMayWaitLongerThanTheTimeout) {
  const RedisServer server(folder_);
  using std::chrono::milliseconds;
  Redis redis(parse_redis_url(server.url()), milliseconds(200));
  EXPECT_TRUE(redis.command({"BLPOP", "list", "0.5"}, milliseconds(500)).nothing());
  EXPECT_NE(failure(redis, {"BLPOP", "list", "5"}), "");
}

TEST_F(RedisTest, ManyThreads) {
  const RedisServer server(folder_);
  Redis redis(parse_redis_url(server.url()));
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 50; ++n) redis.command({"INCR", "count"});
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(redis.command({"GET", "count"}).text, "400");
}

}  // namespace
}  // namespace atelier::jobs
