#include "stylize/observer.h"

#include <algorithm>

#include "atelier/error.h"

namespace atelier {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

Observer::Observer(const Request& request, const OnProgress& on_progress)
    : request_(request), on_progress_(on_progress), start_(Clock::now()), preview_(request.preview) {}

void Observer::stage(const std::string& name) {
  Progress progress;
  progress.stage = name;
  progress.seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  const bool worth_keeping = pictures_ && request_.keep_best_on_stop;
  if (!pass_on(progress) && !worth_keeping)
    throw Error("stopped before the picture was finished; nothing was written", ErrorKind::kStopped);
}

void Observer::note(const std::string& text) {
  Progress progress;
  progress.note = text;
  progress.seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  pass_on(progress);
}

OnProgress Observer::callback() {
  return [this](const Progress& progress) { return pass_on(progress); };
}

int Observer::longer_side() const { return std::max(pictures_->photo.width, pictures_->photo.height); }

bool Observer::pass_on(Progress progress) {
  if (progress.preview && pictures_)
    progress.preview = [this, raw = std::move(progress.preview)] {
      return finished_picture(request_, *pictures_, raw());
    };
  preview_.update(progress);
  if (on_progress_ && !on_progress_(progress)) stopped_ = true;
  return !stopped_;
}

}  // namespace atelier
