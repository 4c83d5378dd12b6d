#include "cli/reporter.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "cli/json_reporter.h"
#include "cli/terminal.h"

namespace atelier::cli {
namespace {

std::string duration(double seconds) {
  char text[32];
  if (seconds < 10)
    std::snprintf(text, sizeof text, "%.1f s", seconds);
  else if (seconds < 120)
    std::snprintf(text, sizeof text, "%.0f s", seconds);
  else
    std::snprintf(text, sizeof text, "%.0f min %02d s", seconds / 60 - 0.5, static_cast<int>(seconds) % 60);
  return text;
}

std::string number(const char* format, double value) {
  char text[48];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

/// "scale 362 px, step 120 of 500, content 0.12, style 0.3, 30 s left, 1.2 GB"
std::string sentence(const Progress& progress) {
  std::string text = progress.stage;
  if (progress.steps > 1) text += ", step " + std::to_string(progress.step) + " of " + std::to_string(progress.steps);
  for (const auto& [name, value] : progress.terms) text += ", " + name + number(" %.4g", value);
  if (progress.seconds_left >= 0) text += ", " + duration(progress.seconds_left) + " left";
  if (progress.memory > 0) text += number(", %.1f GB", static_cast<double>(progress.memory) / 1e9);
  return text;
}

/// What people read when the work is over; the same on terminals and in logs.
class TextReporter : public Reporter {
 public:
  void done(const std::string& path, double seconds, bool complete) override {
    clear();
    tell(std::string(complete ? "wrote " : "stopped; wrote the best so far to ") + shown(path) + " (" +
         duration(seconds) + ")\n");
  }
  void failed(const std::string&, const Error&) override { clear(); }
  void summary(int written, int failed, int skipped) override {
    const auto passed_over = skipped == 0 ? "" : ", " + std::to_string(skipped) + " there already";
    tell(std::to_string(written) + " written, " + std::to_string(failed) + " failed" + passed_over + "\n");
  }

 protected:
  /// Takes away what done() and notes must not be appended to.
  virtual void clear() {}
};

/// One line that is drawn over itself.
class BarReporter final : public TextReporter {
 public:
  ~BarReporter() override { clear(); }
  void progress(const Progress& progress) override {
    if (!progress.note.empty()) clear(), tell(shown(progress.note) + "\n");
    const bool changed = progress.stage != stage_ || progress.step == progress.steps;
    if (progress.stage.empty() || (!changed && progress.seconds - drawn_ < kRedrawSeconds)) return;
    stage_ = progress.stage;
    drawn_ = progress.seconds;
    std::string line = bar(progress) + sentence(progress);
    line.resize(std::min<std::size_t>(line.size(), static_cast<std::size_t>(std::max(terminal_width() - 1, 1))));
    tell("\r\033[K" + line);
    shown_ = true;
  }

 protected:
  void clear() override {
    if (shown_) tell("\r\033[K");
    shown_ = false;
  }

 private:
  static constexpr double kRedrawSeconds = 0.1;
  static constexpr int kCells = 20;

  static std::string bar(const Progress& progress) {
    if (progress.steps <= 0) return "";
    const int full = std::clamp(kCells * progress.step / progress.steps, 0, kCells);
    return "[" + std::string(static_cast<std::size_t>(full), '#') +
           std::string(static_cast<std::size_t>(kCells - full), '.') + "] ";
  }

  std::string stage_;
  double drawn_ = 0;
  bool shown_ = false;
};

/// A line when the stage changes and every few seconds, for logs.
class LineReporter final : public TextReporter {
 public:
  void start(const Request& request) override {
    told_ = 0;
    stage_.clear();
    headline_ = "painting " + shown(request.content) + " with " + chosen_method(request) + "\n";
  }
  void progress(const Progress& progress) override {
    if (!progress.note.empty()) tell(shown(progress.note) + "\n");
    const bool due = progress.stage != stage_ || progress.seconds - told_ >= kSeconds;
    if (progress.steps == 0 || !due) return;
    tell(std::exchange(headline_, "") + sentence(progress) + "\n");
    stage_ = progress.stage;
    told_ = progress.seconds;
  }

 private:
  static constexpr double kSeconds = 5;
  std::string headline_, stage_;
  double told_ = 0;
};

}  // namespace

std::unique_ptr<Reporter> make_reporter(Detail detail) {
  if (detail == Detail::kQuiet) return std::make_unique<Reporter>();
  if (detail == Detail::kJson) return make_json_reporter();
  if (on_terminal()) return std::make_unique<BarReporter>();
  return std::make_unique<LineReporter>();
}

}  // namespace atelier::cli
