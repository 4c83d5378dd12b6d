// `atelier serve` and `atelier worker` over a real Redis: whoever dies, every job is done once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "jobs/redis_board.h"
#include "media/image_file.h"
#include "support/process.h"
#include "support/redis_server.h"

namespace atelier::testing {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

class Workers : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!RedisServer::installed()) GTEST_SKIP() << "redis-server is not installed; see scripts/packages.txt";
    fs::create_directories(folder_ / "data");
    redis_ = std::make_unique<RedisServer>(folder_, "secret");
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::unique_ptr<Process> start(std::vector<std::string> words) {
    words.insert(words.end(), {"--queue", redis_->url(), "--lease", "3"});
    return std::make_unique<Process>(ATELIER_BINARY, words, folder_.string(), [this] {
      ::setenv("OMP_NUM_THREADS", "1", 1);
      ::setenv("XDG_DATA_HOME", (folder_ / "home").c_str(), 1);
      ::setenv("TMPDIR", folder_.c_str(), 1);  // a killed one leaves its folder
    });
  }
  void serve() {
    server_ = start({"serve", "--port", "0", "--data", (folder_ / "data").string()});
    ASSERT_TRUE(server_->wait_for(" (Ctrl-C"));
    const auto said = server_->output();
    const int port = std::stoi(said.substr(said.rfind(':') + 1));
    client_ = std::make_unique<httplib::Client>("127.0.0.1", port);
    client_->set_read_timeout(30);
  }
  std::unique_ptr<Process> worker(bool shares_folder) {
    std::vector<std::string> words = {"worker", "--threads", "1", "--jobs", "1"};
    if (shares_folder) words.insert(words.end(), {"--data", (folder_ / "data").string()});
    return start(words);
  }

  std::string upload() {
    std::ifstream file(std::string(ATELIER_SOURCE) + "/samples/photo.jpg", std::ios::binary);
    std::stringstream bytes;
    bytes << file.rdbuf();
    const auto answer = client_->Post(
        "/api/pictures", httplib::MultipartFormDataItems{{"picture", bytes.str(), "photo.jpg", "image/jpeg"}});
    return json::parse(answer->body).at(0).at("id");
  }
  std::string post(const json& job) {
    return json::parse(client_->Post("/api/jobs", job.dump(), "application/json")->body).at("id");
  }
  std::string post_quick(const std::string& photo) {
    return post({{"kind", "stylize"},
                 {"content", photo},
                 {"styles", {{{"name", "great-wave"}}}},
                 {"settings", {{"size", "128"}}}});
  }
  /// Adam does not find that a photo is painted like itself already; L-BFGS ends at once.
  std::string post_slow(const std::string& photo, const char* steps = "80") {
    return post({{"kind", "stylize"},
                 {"content", photo},
                 {"styles", {{{"picture", photo}}}},
                 {"method", "gatys"},
                 {"settings", {{"size", "64"}}},
                 {"options", {{"steps", steps}, {"optimiser", "adam"}}}});
  }
  json job(const std::string& id) {
    const auto answer = client_->Get(("/api/jobs/" + id).c_str());
    if (!answer) throw std::runtime_error("the server does not answer");
    return json::parse(answer->body);
  }
  bool eventually(const std::function<bool()>& condition) {
    for (int i = 0; i < 900; ++i, std::this_thread::sleep_for(std::chrono::milliseconds(50))) {
      if (condition()) return true;
      if (server_) server_->read_ready();  // a log that nobody reads would hold the server up
    }
    return false;
  }
  bool is_under_way(const std::string& id) {
    const auto progress = job(id).at("progress");
    return progress.is_object() && progress.at("step").get<int>() > 0;
  }
  void expect_done(const std::string& id) {
    EXPECT_TRUE(eventually([&] { return job(id).at("state") == "done"; })) << job(id);
    const auto picture = client_->Get(("/api/jobs/" + id + "/result").c_str());
    ASSERT_EQ(picture->status, 200);
    EXPECT_TRUE(picture->body.starts_with("\x89PNG"));
    const auto file = folder_ / "result.png";
    std::ofstream(file, std::ios::binary) << picture->body;
    EXPECT_THAT(read_recipe(file.string()).value_or(""), HasSubstr("photo.jpg"));  // as the client calls it
  }

  const fs::path folder_ = fs::path(::testing::TempDir()) /
                           (std::string("workers_") + ::testing::UnitTest::GetInstance()->current_test_info()->name() +
                            "_" + std::to_string(::getpid()));
  std::unique_ptr<RedisServer> redis_;
  std::unique_ptr<Process> server_;
  std::unique_ptr<httplib::Client> client_;
};

TEST_F(Workers, EveryJobIsDoneOnceWhenAWorkerIsKilledAndRedisLosesEverything) {
  serve();
  auto doomed = worker(true);
  const auto photo = upload();
  std::vector<std::string> ids = {post_slow(photo)};
  ASSERT_TRUE(eventually([&] { return is_under_way(ids[0]); }));
  doomed->send(SIGKILL);
  EXPECT_EQ(doomed->finish().status, 128 + SIGKILL);

  const auto near = worker(true);
  const auto far = worker(false);
  for (int i = 0; i < 4; ++i) ids.push_back(post_quick(photo));
  ASSERT_TRUE(eventually([&] { return job(ids[1]).at("state") == "done"; }));
  redis_->stop();
  for (int i = 0; i < 4; ++i) ids.push_back(post_quick(photo));
  redis_->start();
  for (const auto& id : ids) expect_done(id);

  for (auto* process : {near.get(), far.get(), server_.get()}) process->send(SIGTERM);
  EXPECT_EQ(near->finish().status, 0);
  EXPECT_EQ(far->finish().status, 0);
  const auto served = server_->finish();
  EXPECT_EQ(served.status, 0);
  EXPECT_EQ(count(served.err, "\"job ended\""), ids.size()) << served.err;
  for (const auto& id : ids)
    EXPECT_EQ(count(served.err, "\"job ended\",\"job\":\"" + id + "\",\"state\":\"done\""), 1U);
}

TEST_F(Workers, AWorkerThatIsStoppedLeavesItsJobToAnother) {
  serve();
  auto leaving = worker(false);
  const auto id = post_slow(upload());
  ASSERT_TRUE(eventually([&] { return is_under_way(id); }));
  leaving->send(SIGTERM);
  EXPECT_EQ(leaving->finish().status, 0);
  const auto staying = worker(false);
  expect_done(id);
}

TEST_F(Workers, CancelStopsAWorker) {
  serve();
  const auto painting = worker(false);
  const auto photo = upload();
  const auto id = post_slow(photo, "10000");
  ASSERT_TRUE(eventually([&] { return is_under_way(id); }));
  client_->Post(("/api/jobs/" + id + "/cancel").c_str());
  EXPECT_TRUE(eventually([&] { return job(id).at("state") == "cancelled"; }));
  expect_done(post_quick(photo));  // its place is free again
}

TEST_F(Workers, SayInOneLineThatRedisIsNotThereAndWait) {
  redis_->stop();
  const auto waiting = worker(false);
  EXPECT_TRUE(waiting->wait_for_error("cannot be used"));
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));  // it tries again meanwhile
  waiting->send(SIGTERM);
  const auto outcome = waiting->finish();
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(count(outcome.err, "cannot be used"), 1U) << outcome.err;
  EXPECT_EQ(count(outcome.err, "secret"), 0U);
}

TEST_F(Workers, RefuseWhatIsNoQueue) {
  for (const char* queue : {"", "localhost", "rediss://host", "redis://host:port"})
    for (const char* command : {"serve", "worker"}) {
      if (std::string(command) == "serve" && *queue == '\0') continue;  // none is meant
      Process process(ATELIER_BINARY, {command, "--queue", queue}, folder_.string());
      const auto outcome = process.finish();
      EXPECT_EQ(outcome.status, 2) << command << " " << queue;
      EXPECT_THAT(outcome.err, HasSubstr("redis://"));
    }
}

/// `atelier stylize --queue`.
class StylizeOverQueue : public Workers {
 protected:
  static constexpr int kPhotos = 8;

  void SetUp() override {
    Workers::SetUp();
    if (IsSkipped()) return;
    fs::create_directories(folder_ / "photos" / "more");
    const auto sample = fs::path(ATELIER_SOURCE) / "samples/photo.jpg";
    for (int i = 0; i < kPhotos; ++i) fs::copy_file(sample, photo(i));
    board_ = std::make_unique<jobs::RedisBoard>(jobs::parse_redis_url(redis_->url()));
  }

  static std::string name(int i) { return (i % 2 ? "more/" : "") + std::string("photo-") + std::to_string(i) + ".jpg"; }
  fs::path photo(int i) const { return folder_ / "photos" / name(i); }
  std::vector<std::string> stylize(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"stylize", "photos", "--style", "great-wave", "--size", "128", "-o", "out"});
    return more;
  }
  Outcome here(const std::vector<std::string>& words) const {
    return Process(ATELIER_BINARY, words, folder_.string()).finish();
  }
  std::string content(const fs::path& file) const {
    std::ifstream stream(folder_ / file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  std::size_t keys(const std::string& pattern) { return board_->redis().command({"KEYS", pattern}).list.size(); }
  std::int64_t waiting() { return board_->redis().command({"XLEN", "atelier:jobs"}).integer; }
  void expect_nothing_left_in_redis() {
    for (const char* kind : {"file", "result", "job", "preview"})
      EXPECT_EQ(keys("atelier:" + std::string(kind) + ":*"), 0U) << kind;
    EXPECT_EQ(waiting(), 0);
  }

  std::unique_ptr<jobs::RedisBoard> board_;
};

TEST_F(StylizeOverQueue, GivesTheSameFilesThoughAWorkerIsKilled) {
  std::ofstream(folder_ / "photos" / "broken.jpg", std::ios::binary) << content("photos/photo-0.jpg").substr(0, 9000);
  const auto local = here(stylize());
  EXPECT_EQ(local.status, 1);
  fs::rename(folder_ / "out", folder_ / "here");

  auto doomed = worker(false);
  const auto other = worker(false);
  ASSERT_TRUE(eventually([&] { return board_->places() == 2; }));
  auto run = start(stylize({"--json"}));
  ASSERT_TRUE(run->wait_for("\"done\""));
  doomed->send(SIGKILL);
  doomed->finish();
  const auto outcome = run->finish();
  EXPECT_EQ(outcome.status, 1) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("photos/broken.jpg"));
  EXPECT_EQ(count(local.err, outcome.err.substr(0, outcome.err.find('\n'))), 1U) << local.err << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr(R"("kind":"bad-request")"));
  EXPECT_THAT(outcome.out, HasSubstr(R"({"event":"summary","written":8,"failed":1,"skipped":0})"));
  for (int i = 0; i < kPhotos; ++i) {
    EXPECT_TRUE(content("out/" + name(i)) == content("here/" + name(i))) << name(i);  // pixels, recipe, metadata
    EXPECT_FALSE(content("out/" + name(i)).empty());
  }
  expect_nothing_left_in_redis();

  fs::remove(folder_ / "photos/broken.jpg");
  fs::remove(folder_ / "out" / name(3));
  const auto again = start(stylize({"--skip-existing"}))->finish();
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("1 written, 0 failed, 7 there already"));
}

TEST_F(StylizeOverQueue, SendsStylesThatAreFiles) {
  const fs::path fixtures = ATELIER_FIXTURES;
  fs::copy_file(fixtures / "painting_64.png", folder_ / "painting.png");
  fs::copy_file(fixtures / "photo_64.png", folder_ / "mask.png");
  fs::copy_file(fixtures / "photo_64.png", folder_ / "photo.png");
  // Without refinement, and with as many threads as the worker has: other ones round otherwise.
  const std::vector<std::string> words = {"stylize", "photo.png", "--style",  "painting.png", "--mask", "mask.png",
                                          "--size",  "64",        "--refine", "0",            "-o",     "out.tif"};
  auto by_one_thread = words;
  by_one_thread.insert(by_one_thread.end(), {"--threads", "1"});
  EXPECT_EQ(here(by_one_thread).status, 0);
  const auto local = content("out.tif");
  fs::remove(folder_ / "out.tif");
  const auto painting = worker(false);
  const auto outcome = start(words)->finish();
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_TRUE(content("out.tif") == local);
  expect_nothing_left_in_redis();
}

TEST_F(StylizeOverQueue, KeepsFewJobsInRedisAndWithdrawsThemWhenStopped) {
  board_->greet("busy", 1, std::chrono::milliseconds(60000));
  const auto run = start(stylize());
  ASSERT_TRUE(eventually([&] { return waiting() == 2; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_EQ(waiting(), 2);                // for one place
  EXPECT_EQ(keys("atelier:file:*"), 1U);  // the photos are one picture
  run->send(SIGINT);
  const auto outcome = run->finish();
  EXPECT_EQ(outcome.status, 130);
  EXPECT_THAT(outcome.err, HasSubstr("stopped"));
  expect_nothing_left_in_redis();
  EXPECT_FALSE(fs::exists(folder_ / "out" / name(0)));
}

TEST_F(StylizeOverQueue, RefusesWhatCannotTravel) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"--preview", "look.png"},
                                                {"--threads", "1"},
                                                {"--memory", "1G"},
                                                {"--keep-best"},
                                                {"--queue", "localhost"}}) {
    auto all = stylize({"--queue", redis_->url()});
    all.insert(all.end(), words.begin(), words.end());
    const auto outcome = here(all);
    EXPECT_EQ(outcome.status, 2) << words[0] << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(words[0] == "--queue" ? "redis://" : words[0]));
  }
  redis_->stop();
  const auto outcome = start(stylize())->finish();
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("cannot be used"));
  EXPECT_EQ(count(outcome.err, "\n"), 1U) << outcome.err;
}

}  // namespace
}  // namespace atelier::testing
