#include "server/server.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "atelier/error.h"
#include "server/dispatch.h"
#include "server/exchange.h"
#include "server/gate.h"
#include "server/http_server.h"
#include "server/page_files.h"
#include "server/refusal.h"
#include "server/runners.h"
#include "server/studio.h"

namespace atelier::server {
namespace {

using Clock = std::chrono::steady_clock;

/// When the request that this thread answers began.
thread_local Clock::time_point request_start;

/// Deletes what is too old, once in a while.
class Housekeeper {
 public:
  explicit Housekeeper(Studio& studio) : thread_([this, &studio] { work(studio); }) {}
  ~Housekeeper() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }
  Housekeeper(const Housekeeper&) = delete;
  Housekeeper& operator=(const Housekeeper&) = delete;

 private:
  void work(Studio& studio) {
    constexpr std::chrono::minutes kPause{10};
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, kPause, [&] { return stopped_; })) {
      try {
        studio.clean_up();
      } catch (const Error& error) {
        studio.log("error", "clean-up", {{"error", error.what()}});
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopped_ = false;
  std::thread thread_;
};

/// "/api/jobs/{id}/events" as the expression that cpp-httplib matches paths with.
std::string pattern_of(std::string path) {
  const auto replace = [&](const std::string& what, const std::string& by) {
    for (auto at = path.find(what); at != std::string::npos; at = path.find(what, at + by.size()))
      path.replace(at, what.size(), by);
  };
  replace(".", "\\.");
  replace("{id}", "([0-9a-f]{16})");
  replace("{name}", "(" + std::string(kNames) + ")");
  return path;
}

void answer_error(httplib::Response& response, int status, const std::string& message, int retry_after = 0) {
  response.status = status;
  if (retry_after > 0) response.set_header("Retry-After", std::to_string(retry_after));
  response.set_content(error_json(message), "application/json");
}

int status_of(const Error& error) { return error.kind() == ErrorKind::kBadRequest ? 400 : 500; }

/// Runs `action`; what it throws becomes the answer.
template <typename Action>
bool guarded(httplib::Response& response, Action action) {
  try {
    action();
    return true;
  } catch (const Refusal& refusal) {
    answer_error(response, refusal.status(), refusal.what(), refusal.retry_after());
  } catch (const Error& error) {
    answer_error(response, status_of(error), error.what());
  } catch (const nlohmann::json::exception&) {
    answer_error(response, 400, "the request is not as /api/openapi.json describes it; compare it with that");
  } catch (const std::bad_alloc&) {
    answer_error(response, 503, "the memory does not suffice at the moment; try again", 10);
  } catch (const std::exception& fault) {
    answer_error(response, 500, "unexpected fault: " + std::string(fault.what()) + "; please report it");
  }
  return false;
}

/// What to say for a status that cpp-httplib decided on.
std::string message_of(int status) {
  switch (status) {
    case 400: return "the request cannot be understood; send HTTP/1.1 with a whole body";
    case 404: return "there is nothing here; see /api/openapi.json";
    case 413: return "the upload is too large; send smaller pictures, or fewer at a time";
    case 414: return "the address is too long; shorten it";
    case 416: return "the Range cannot be understood; ask for the whole";
    default: return "the request failed; try again";
  }
}

void require_sound(const ServerOptions& options) {
  require(is_loopback(options.address) || !options.token.empty(),
          "who can reach " + options.address + " could use the studio; give a --token");
  require(options.queue_length > 0 && options.max_upload > 0 && options.quota > 0,
          "a limit of 0 lets nothing in; give larger ones");
  require(!options.data.empty(), "no folder was given; add --data DIR");
}

}  // namespace

class Server::Parts {
 public:
  explicit Parts(ServerOptions options)
      : studio_(std::move(options)),
        gate_(studio_.options()),
        http_(studio_.options().limits, studio_.options().most_connections) {
    set_up();
    port_ = http_.open(studio_.options().address, studio_.options().port);
  }

  int port() const { return port_; }

  void run() {
    studio_.log("info", "started", {{"address", studio_.options().address}, {"port", port_}});
    {
      std::optional<Runners> runners;
      std::optional<Dispatch> dispatch;
      if (!studio_.options().queue.empty()) {
        dispatch.emplace(studio_);
        studio_.watch_queue([&] { return QueueState{true, !dispatch->away(), dispatch->places()}; });
      } else if (studio_.options().runs_jobs) {
        runners.emplace(studio_, studio_.queue());
        studio_.watch_queue([this] { return QueueState{false, true, places(studio_.options())}; });
      }
      const Housekeeper housekeeper(studio_);
      http_.serve();
    }
    studio_.log("info", "stopped", nlohmann::ordered_json::object());
  }

  void stop() {
    studio_.queue().stop();
    http_.close();
  }

 private:
  using Handled = httplib::Server::HandlerResponse;

  void set_up() {
    http_.set_default_headers(standard_headers());
    http_.set_payload_max_length(static_cast<std::size_t>(studio_.options().max_upload));
    http_.set_pre_routing_handler([this](const auto& request, auto& response) { return let_in(request, response); });
    http_.set_error_handler([](const httplib::Request&, httplib::Response& response) {
      if (response.body.empty()) answer_error(response, response.status, message_of(response.status));
    });
    http_.set_logger([this](const auto& request, const auto& response) { note(request, response); });
    for (const auto& route : all_routes()) add(route);
    http_.Get("/.*", [this](const auto& request, auto& response) { answer_page(request, response); });
  }

  Handled let_in(const httplib::Request& request, httplib::Response& response) {
    request_start = Clock::now();
    const bool welcome = guarded(response, [&] { gate_.check(request, http_.bytes_in_flight()); });
    return welcome ? Handled::Unhandled : Handled::Handled;
  }

  void add(const Route& route) {
    const auto handle = [this, route](const httplib::Request& request, httplib::Response& response) {
      response.set_header("Cache-Control", "no-store");
      guarded(response, [&] {
        Exchange exchange{studio_, request, response, gate_.client_of(request), gate_.viewer_of(request)};
        route.handle(exchange);
      });
    };
    const auto pattern = pattern_of(route.path);
    const std::string method = route.method;
    if (method == "GET") http_.Get(pattern, handle);
    if (method == "POST") http_.Post(pattern, handle);
    if (method == "DELETE") http_.Delete(pattern, handle);
  }

  void answer_page(const httplib::Request& request, httplib::Response& response) {
    const std::string path = request.path == "/" ? "index.html" : request.path.substr(1);
    if (path == "index.html" && gate_.brings_token(request)) {  // the address bar shall not go on showing the token
      response.set_header("Set-Cookie", gate_.token_cookie());
      return response.set_redirect("/", 303);
    }
    const auto* file = find_page_file(path);
    if (file == nullptr) return answer_error(response, 404, message_of(404));
    if (path == "index.html")
      if (const auto fresh = gate_.cookie_for(request)) response.set_header("Set-Cookie", *fresh);
    response.set_header("Cache-Control", "no-cache");
    response.set_header("ETag", file->tag);
    if (request.get_header_value("If-None-Match") == file->tag) {
      response.status = 304;
      return;
    }
    response.set_content(file->content.data(), file->content.size(), file->type);
  }

  void note(const httplib::Request& request, const httplib::Response& response) {
    const double seconds = std::chrono::duration<double>(Clock::now() - request_start).count();
    studio_.counters().count_request(request.method, response.status, seconds);
    studio_.log("info", "request",
                {{"method", request.method},
                 {"path", request.path},
                 {"status", response.status},
                 {"milliseconds", seconds * 1000},
                 {"address", request.remote_addr}});
  }

  Studio studio_;
  Gate gate_;
  HttpServer http_;
  int port_ = 0;
};

Server::Server(ServerOptions options) {
  require_sound(options);
  parts_ = std::make_unique<Parts>(std::move(options));
}

Server::~Server() = default;

int Server::port() const { return parts_->port(); }
void Server::run() { parts_->run(); }
void Server::stop() { parts_->stop(); }

}  // namespace atelier::server
