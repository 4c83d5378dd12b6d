#include "cli/json_reporter.h"

#include <nlohmann/json.hpp>

#include "cli/terminal.h"
#include "core/json_text.h"

namespace atelier::cli {
namespace {

using nlohmann::ordered_json;

void emit(const ordered_json& event) { say(json_text(event) + "\n"); }

const char* kind_text(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kBadRequest: return "bad-request";
    case ErrorKind::kFailure: return "failure";
    case ErrorKind::kStopped: return "stopped";
  }
  return "failure";
}

class JsonReporter final : public Reporter {
 public:
  void start(const Request& request) override {
    emit({{"event", "start"},
          {"photo", request.content},
          {"output", request.output},
          {"method", chosen_method(request)},
          {"size", request.size},
          {"seed", request.seed}});
  }

  void progress(const Progress& progress) override {
    if (!progress.note.empty()) emit({{"event", "note"}, {"text", progress.note}});
    if (progress.stage.empty()) return;
    ordered_json event = {{"event", "progress"},     {"stage", progress.stage},         {"step", progress.step},
                          {"steps", progress.steps}, {"terms", ordered_json::object()}, {"seconds", progress.seconds}};
    for (const auto& [name, value] : progress.terms) event["terms"][name] = value;
    if (progress.seconds_left >= 0) event["seconds_left"] = progress.seconds_left;
    if (progress.memory > 0) event["memory"] = progress.memory;
    emit(event);
  }

  void done(const std::string& path, double seconds, bool complete) override {
    emit({{"event", "done"}, {"output", path}, {"seconds", seconds}, {"complete", complete}});
  }

  void failed(const std::string& photo, const Error& error) override {
    emit({{"event", "error"}, {"photo", photo}, {"kind", kind_text(error.kind())}, {"message", error.what()}});
  }

  void summary(int written, int failed, int skipped) override {
    emit({{"event", "summary"}, {"written", written}, {"failed", failed}, {"skipped", skipped}});
  }
};

}  // namespace

std::unique_ptr<Reporter> make_json_reporter() { return std::make_unique<JsonReporter>(); }

}  // namespace atelier::cli
