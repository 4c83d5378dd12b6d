// The real program, killed in the middle of a job and started again: the job is done, once.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <thread>

#include "support/process.h"

namespace atelier::testing {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// A port that was free a moment ago.
int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  ::bind(socket, reinterpret_cast<sockaddr*>(&address), length);
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length);
  ::close(socket);
  return ntohs(address.sin_port);
}

class ServeKill : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("atelier-kill-" + std::to_string(std::random_device{}()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::unique_ptr<Process> start() {
    const int port = free_port();
    auto process =
        std::make_unique<Process>(ATELIER_BINARY,
                                  std::vector<std::string>{"serve", "--port", std::to_string(port), "--data",
                                                           (folder_ / "data").string(), "--threads", "1", "--quiet"},
                                  folder_.string());
    EXPECT_TRUE(process->wait_for("The studio is at"));
    client = std::make_unique<httplib::Client>("127.0.0.1", port);
    client->set_read_timeout(20);
    return process;
  }
  std::string upload() {
    std::ifstream file(std::string(ATELIER_SOURCE) + "/samples/photo.jpg", std::ios::binary);
    std::stringstream bytes;
    bytes << file.rdbuf();
    const auto answer = client->Post(
        "/api/pictures", httplib::MultipartFormDataItems{{"picture", bytes.str(), "photo.jpg", "image/jpeg"}});
    return json::parse(answer->body).at(0).at("id");
  }
  std::string post(const json& job) {
    return json::parse(client->Post("/api/jobs", job.dump(), "application/json")->body).at("id");
  }
  json job(const std::string& id) { return json::parse(client->Get(("/api/jobs/" + id).c_str())->body); }
  json wait_for(const std::string& id, const std::vector<std::string>& states) {
    for (int i = 0; i < 1000; ++i) {
      const auto now = job(id);
      for (const auto& state : states)
        if (now.at("state") == state) return now;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return job(id);
  }

  fs::path folder_;
  std::unique_ptr<httplib::Client> client;
};

TEST_F(ServeKill, AJobKilledInItsMiddleIsDoneOnceAfterTheNextStart) {
  auto server = start();
  const auto photo = upload();
  const auto running = post({{"kind", "stylize"},
                             {"content", photo},
                             {"styles", {{{"picture", photo}}}},
                             {"method", "gatys"},
                             {"settings", {{"size", "64"}}},
                             {"options", {{"steps", "40"}}}});
  const auto waiting = post({{"kind", "stylize"},
                             {"content", photo},
                             {"styles", {{{"name", "great-wave"}}}},
                             {"settings", {{"size", "96"}}}});
  ASSERT_EQ(wait_for(running, {"running"}).at("state"), "running");
  server->send(SIGKILL);
  EXPECT_EQ(server->finish().status, 128 + SIGKILL);

  server = start();
  const auto first = wait_for(running, {"done", "failed"}), second = wait_for(waiting, {"done", "failed"});
  EXPECT_EQ(first.at("state"), "done") << first;
  EXPECT_EQ(first.at("attempts"), 2);
  EXPECT_EQ(second.at("state"), "done") << second;
  EXPECT_EQ(second.at("attempts"), 1);
  const double finished = first.at("finished");

  server->send(SIGKILL);
  server->finish();
  server = start();
  EXPECT_EQ(job(running).at("finished"), finished) << "what is done is not done again";
  EXPECT_EQ(client->Get(("/api/jobs/" + running + "/result").c_str())->status, 200);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "data" / "results"), {}), 2);
  server->send(SIGTERM);
  EXPECT_EQ(server->finish().status, 0);
}

TEST_F(ServeKill, ATermPutsTheRunningJobBackAndEndsInAnOrderlyWay) {
  auto server = start();
  const auto photo = upload();
  const auto id = post({{"kind", "stylize"},
                        {"content", photo},
                        {"styles", {{{"picture", photo}}}},
                        {"method", "gatys"},
                        {"settings", {{"size", "128"}}},
                        {"options", {{"steps", "10000"}}}});
  wait_for(id, {"running"});
  server->send(SIGTERM);
  EXPECT_EQ(server->finish().status, 0);
  server = start();
  EXPECT_LE(job(id).at("attempts").get<int>(), 1) << "the interrupted attempt does not count";
  EXPECT_EQ(client->Post(("/api/jobs/" + id + "/cancel").c_str())->status, 202);
  server->send(SIGTERM);
  EXPECT_EQ(server->finish().status, 0);
}

}  // namespace
}  // namespace atelier::testing
