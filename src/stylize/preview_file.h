#pragma once
#include <chrono>
#include <string>

#include "atelier/progress.h"

namespace atelier {

/// A file that shows the picture so far, rewritten at most every two seconds.
class PreviewFile {
 public:
  /// @param path  empty: there is no such file.
  explicit PreviewFile(std::string path) : path_(std::move(path)) {}

  /// Writes the preview that `progress` brings, if it is time. A preview that cannot be written (a full disk) must not
  /// end the work; it is said in the note instead.
  void update(Progress& progress);

 private:
  std::string path_;
  std::chrono::steady_clock::time_point due_;
};

}  // namespace atelier
