#pragma once
#include <chrono>
#include <string>

#include "atelier/stylize.h"
#include "stylize/pictures.h"
#include "stylize/preview_file.h"

namespace atelier {

/// Stands between a method and the caller's OnProgress: says what happens outside the method,
/// keeps the preview file fresh, and remembers whether the caller asked to stop.
class Observer {
 public:
  /// `request` and `on_progress` must outlive the observer.
  Observer(const Request& request, const OnProgress& on_progress);

  /// Announces a stage outside the method.
  /// @throws Error (kStopped) when the caller asks to stop and there is nothing worth keeping.
  void stage(const std::string& name);
  /// Passes on one line worth keeping.
  void note(const std::string& text);
  /// From now on previews show the photo's alpha and the colours that were asked for.
  /// `pictures` must outlive the observer.
  void show_previews_of(const Pictures& pictures) { pictures_ = &pictures; }

  /// For Method::run(); valid as long as the observer.
  OnProgress callback();
  bool stopped() const { return stopped_; }
  /// Longer side of the picture worked on, in pixels.
  int longer_side() const;

 private:
  bool pass_on(Progress progress);

  const Request& request_;
  const OnProgress& on_progress_;
  const Pictures* pictures_ = nullptr;
  std::chrono::steady_clock::time_point start_;
  PreviewFile preview_;
  bool stopped_ = false;
};

}  // namespace atelier
