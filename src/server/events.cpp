#include <atomic>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/json_text.h"
#include "server/exchange.h"
#include "server/refusal.h"

namespace atelier::server {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kShortestPause{200};
constexpr std::chrono::seconds kPatience{1};  // until it is seen that a client has gone
constexpr std::chrono::seconds kHeartbeat{15};
constexpr int kMostStreams = 128;

std::atomic<int> streams = 0;

/// What one client has been told of one job.
class EventStream {
 public:
  EventStream(Studio& studio, std::string id) : studio_(studio), id_(std::move(id)) { ++streams; }
  ~EventStream() { --streams; }
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;

  /// Sends what is new, and waits for more. @return false: the client is gone.
  bool step(httplib::DataSink& sink) {
    const auto seen = studio_.queue().changes();
    const auto job = studio_.jobs().find(id_);
    if (!job || studio_.queue().stopped()) return end(sink);
    if (!sink.is_writable() || !tell(sink, *job)) return false;
    if (is_over(job->state)) return end(sink);
    studio_.queue().wait_for_change(seen, kPatience);
    std::this_thread::sleep_until(next_);
    return true;
  }

 private:
  static bool end(httplib::DataSink& sink) {
    sink.done();
    return true;
  }

  bool send(httplib::DataSink& sink, const std::string& text) {
    last_ = Clock::now();
    next_ = last_ + kShortestPause;
    return sink.write(text.data(), text.size());
  }

  bool tell(httplib::DataSink& sink, const jobs::Job& job) {
    auto json = job_json(studio_, job);
    auto compared = json;
    compared.erase("seconds");  // grows by itself
    if (auto text = json_text(compared); text != told_) {
      told_ = std::move(text);
      if (!send(sink, "event: job\ndata: " + json_text(json) + "\n\n")) return false;
    }
    const auto live = studio_.queue().live(id_);
    if (live && live->preview_number > preview_) {
      preview_ = live->preview_number;
      const auto url = "/api/jobs/" + id_ + "/preview?n=" + std::to_string(preview_);
      if (!send(sink, "event: preview\ndata: {\"url\":\"" + url + "\"}\n\n")) return false;
    }
    return Clock::now() - last_ < kHeartbeat || send(sink, ": still here\n\n");
  }

  Studio& studio_;
  std::string id_, told_;
  int preview_ = 0;
  Clock::time_point last_ = Clock::now(), next_ = Clock::now();
};

}  // namespace

void answer_events(Exchange& exchange) {
  const auto id = exchange.job().id;
  if (streams >= kMostStreams) throw Refusal(503, "too many pages listen; close some, or ask /api/jobs/ID instead", 5);
  const auto stream = std::make_shared<EventStream>(exchange.studio, id);
  exchange.response.set_header("X-Accel-Buffering", "no");  // a proxy must not hold events back
  exchange.response.set_chunked_content_provider(
      "text/event-stream", [stream](std::size_t, httplib::DataSink& sink) { return stream->step(sink); });
}

}  // namespace atelier::server
