#include "server/http_server.h"

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "atelier/error.h"

namespace atelier::server {
namespace {

constexpr int kBacklog = 128;
constexpr int kRequestsPerConnection = 1000;

/// Threads that are started when there is work and none is free, up to a bound; they stay until the end.
class GrowingPool : public httplib::TaskQueue {
 public:
  explicit GrowingPool(std::size_t most) : most_(most) {}

  void enqueue(std::function<void()> task) override {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    if (idle_ < tasks_.size() && threads_.size() < most_) threads_.emplace_back([this] { work(); });
    wake_.notify_one();
  }

  void shutdown() override {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
      wake_.notify_all();
    }
    for (auto& thread : threads_) thread.join();
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      ++idle_;
      wake_.wait(lock, [&] { return !tasks_.empty() || stopped_; });
      --idle_;
      if (tasks_.empty()) return;
      const auto task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  std::vector<std::thread> threads_;
  std::size_t most_, idle_ = 0;
  bool stopped_ = false;
};

/// The body's length; nothing when the header does not say one clearly, so that the next request's start is unknown.
std::optional<std::uint64_t> body_length(const httplib::Request& request) {
  if (request.has_header("Transfer-Encoding")) return std::nullopt;
  const auto count = request.get_header_value_count("Content-Length");
  if (count == 0) return 0;
  const auto text = request.get_header_value("Content-Length");
  std::uint64_t length = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (count > 1 || fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return length;
}

}  // namespace

HttpServer::HttpServer(const ConnectionLimits& limits, std::size_t most_connections)
    : limits_(limits), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (wake_ < 0) throw Error("the system has no descriptors left; raise the limit (ulimit -n)", ErrorKind::kFailure);
  new_task_queue = [most_connections] { return new GrowingPool(most_connections); };
  set_tcp_nodelay(true);
  // cpp-httplib's own choice, SO_REUSEPORT, would let two servers share a port without a word.
  set_socket_options([](socket_t socket) {
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  set_keep_alive_max_count(kRequestsPerConnection);
  set_keep_alive_timeout(limits.idle.count() / 1000);
}

HttpServer::~HttpServer() { ::close(wake_); }

int HttpServer::open(const std::string& address, int port) {
  const int bound = port == 0 ? bind_to_any_port(address) : bind_to_port(address, port) ? port : -1;
  if (bound < 0)
    throw Error("cannot listen on " + address + " port " + std::to_string(port) +
                    "; choose another --port, or an --address of this machine",
                ErrorKind::kFailure);
  ::listen(svr_sock_, kBacklog);  // cpp-httplib's own backlog of 5 makes bursts of clients wait for seconds
  return bound;
}

void HttpServer::serve() { listen_after_bind(); }

void HttpServer::close() {
  const std::uint64_t one = 1;
  static_cast<void>(::write(wake_, &one, sizeof one) == sizeof one);
  // As httplib::Server::stop(), which does nothing when serve() has not begun yet.
  const socket_t listening = svr_sock_.exchange(INVALID_SOCKET);
  if (listening == INVALID_SOCKET) return;
  ::shutdown(listening, SHUT_RDWR);
  ::close(listening);
}

/// One request and its answer; false when the connection must end.
bool HttpServer::answer_one(HttpConnection& connection, bool last) {
  bool closed = false;
  std::int64_t length = 0;
  const bool answered = process_request(connection, last, closed, [&](httplib::Request& request) {
    // A header may ask for thousands of overlapping ranges of a large answer.
    request.ranges.clear();
    // A post may come without a body; cpp-httplib would wait for one until the connection ends.
    if (!request.has_header("Content-Length") && !request.has_header("Transfer-Encoding"))
      request.set_header("Content-Length", "0");
    const auto stated = body_length(request);
    if (!stated) closed = true;
    const std::uint64_t allowed = payload_max_length_;
    length = static_cast<std::int64_t>(std::min(stated.value_or(0), allowed));
    bytes_in_flight_ += length;
    connection.begin_body(stated.value_or(0), allowed);
  });
  bytes_in_flight_ -= length;
  connection.drop_body();
  return answered && !closed && connection.in_step();
}

bool HttpServer::process_and_close_socket(socket_t socket) {
  ++connections_;
  HttpConnection connection(socket, wake_, limits_);
  int left = kRequestsPerConnection;
  while (left > 0 && svr_sock_ != INVALID_SOCKET && connection.wait_for_request())
    if (!answer_one(connection, --left == 0)) break;
  connection.say_goodbye();
  ::close(socket);
  --connections_;
  return true;
}

}  // namespace atelier::server
