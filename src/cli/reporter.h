#pragma once
#include <memory>
#include <string>

#include "atelier/error.h"
#include "atelier/stylize.h"

namespace atelier::cli {

/// How far the user wants to be told.
enum class Detail {
  kNormal,  ///< a bar on a terminal, plain lines otherwise; on standard error
  kQuiet,   ///< nothing but errors
  kJson,    ///< one JSON object per line on standard output
};

/// Tells the user how the work goes. Error lines for people are not its business.
class Reporter {
 public:
  virtual ~Reporter() = default;
  virtual void start(const Request&) {}
  virtual void progress(const Progress&) {}
  /// `path` was written; `complete` is false for the best so far of a stopped run.
  virtual void done(const std::string& path, double seconds, bool complete) {
    (void)path, (void)seconds, (void)complete;
  }
  virtual void failed(const std::string& photo, const Error& error) { (void)photo, (void)error; }
  /// After several photos.
  virtual void summary(int written, int failed, int skipped) { (void)written, (void)failed, (void)skipped; }
};

std::unique_ptr<Reporter> make_reporter(Detail detail);

}  // namespace atelier::cli
