#pragma once
#include <gtest/gtest.h>
#include <httplib.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "jobs/random_id.h"
#include "media/encode_image.h"
#include "server/server.h"

namespace atelier::server {

/// A photo of `side` pixels with some structure, as a PNG file's bytes.
inline std::string png(int side, int shade = 3) {
  Image image;
  image.width = side;
  image.height = side;
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x)
      for (int c = 0; c < 3; ++c) image.rgb.push_back(static_cast<float>((x * shade + y * (c + 1)) % 256) / 255);
  return encode_image("photo.png", image);
}

/// A studio of its own on any free port, with the user's styles in a folder of their own.
class StudioTest : public ::testing::Test {
 protected:
  StudioTest() : folder_(std::filesystem::temp_directory_path() / ("atelier-studio-" + jobs::random_id())) {
    ::setenv("XDG_DATA_HOME", (folder_ / "home").c_str(), 1);
    options.data = folder_ / "data";
    options.port = 0;
    options.threads = 1;
    options.runs_jobs = false;
    options.log = [this](const std::string& line) {
      const std::lock_guard lock(log_mutex_);
      log_.push_back(line);
    };
  }
  ~StudioTest() override {
    stop();
    ::unsetenv("XDG_DATA_HOME");
    std::filesystem::remove_all(folder_);
  }

  void start() {
    server_ = std::make_unique<Server>(options);
    thread_ = std::thread([this] { server_->run(); });
    client = std::make_unique<httplib::Client>("127.0.0.1", server_->port());
    client->set_read_timeout(20);
  }
  void stop() {
    if (!server_) return;
    server_->stop();
    thread_.join();
    server_.reset();
  }
  int port() const { return server_->port(); }
  std::vector<std::string> log() {
    const std::lock_guard lock(log_mutex_);
    return log_;
  }

  httplib::Result upload(const std::string& content, const std::string& name = "photo.png") {
    return client->Post("/api/pictures", httplib::MultipartFormDataItems{{"picture", content, name, "image/png"}});
  }
  std::string picture(int side = 32, int shade = 3) {
    return nlohmann::json::parse(upload(png(side, shade))->body).at(0).at("id");
  }
  httplib::Result post(const nlohmann::json& job, const httplib::Headers& headers = {}) {
    return client->Post("/api/jobs", headers, job.dump(), "application/json");
  }
  static nlohmann::json stylize_job(const std::string& content, const std::string& size = "32") {
    return {{"kind", "stylize"},
            {"content", content},
            {"styles", {{{"name", "great-wave"}}}},
            {"settings", {{"size", size}}}};
  }
  nlohmann::json get(const std::string& path) {
    const auto answer = client->Get(path.c_str());
    return answer ? nlohmann::json::parse(answer->body, nullptr, false) : nlohmann::json();
  }
  /// The counters; "" where no answer comes.
  std::string metrics() {
    const auto answer = client->Get("/metrics");
    return answer ? answer->body : "";
  }
  /// The counters, once `line` is among them or after some ten seconds: a request is counted when its answer has gone,
  /// and whoever has read the answer may ask for them before that.
  std::string metrics_with(const std::string& line) {
    for (int tries = 0;; ++tries) {
      const auto text = metrics();
      if (text.find(line) != std::string::npos || tries == 500) return text;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  nlohmann::json wait_until_over(const std::string& id) {
    for (int i = 0; i < 400; ++i) {
      const auto job = get("/api/jobs/" + id);
      if (job.at("state") != "queued" && job.at("state") != "running") return job;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return get("/api/jobs/" + id);
  }

  ServerOptions options;
  std::unique_ptr<httplib::Client> client;

 private:
  std::filesystem::path folder_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
  std::mutex log_mutex_;
  std::vector<std::string> log_;
};

/// Status and message of a refusal, for instance "404 there is no job ...".
inline std::string refusal(const httplib::Result& answer) {
  if (!answer) return "no answer";
  const auto body = nlohmann::json::parse(answer->body, nullptr, false);
  return std::to_string(answer->status) + " " + (body.is_object() ? body.value("error", "") : answer->body);
}

}  // namespace atelier::server
