#include "jobs/local_queue.h"

namespace atelier::jobs {

// The store is never called with `mutex_` held: it waits for the disk, and those who watch would wait with it.

void LocalQueue::changed() {
  const std::lock_guard lock(mutex_);
  ++changes_;
  wake_.notify_all();
}

void LocalQueue::offer(const Job&) { changed(); }

std::optional<Job> LocalQueue::take(std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const auto seen = changes();
    if (stopped()) return std::nullopt;
    if (auto job = store_.take()) {
      {
        const std::lock_guard lock(mutex_);
        running_[job->id] = {};
      }
      // A cancel() in between found the job running in the store, and nothing here to tell of it.
      const auto stored = store_.find(job->id);
      if (stored && stored->cancelled) cancel(job->id);
      changed();
      return job;
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return std::nullopt;
    wait_for_change(seen, left);
  }
}

bool LocalQueue::report(const std::string& id, const JobProgress& progress) {
  const std::lock_guard lock(mutex_);
  const auto found = running_.find(id);
  if (found == running_.end()) return false;
  found->second.live.progress = progress;
  ++changes_;
  wake_.notify_all();
  return !found->second.cancelled;
}

void LocalQueue::show(const std::string& id, std::string preview) {
  const std::lock_guard lock(mutex_);
  const auto found = running_.find(id);
  if (found == running_.end()) return;
  found->second.live.preview = std::move(preview);
  ++found->second.live.preview_number;
  ++changes_;
  wake_.notify_all();
}

void LocalQueue::finish(const std::string& id, const JobEnd& end) {
  store_.finish(id, end);
  {
    const std::lock_guard lock(mutex_);
    running_.erase(id);
  }
  changed();
}

void LocalQueue::give_back(const std::string& id) {
  store_.give_back(id);
  {
    const std::lock_guard lock(mutex_);
    running_.erase(id);
  }
  changed();
}

void LocalQueue::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  wake_.notify_all();
}

bool LocalQueue::cancel(const std::string& id) {
  if (!store_.cancel(id)) return false;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = running_.find(id); found != running_.end()) found->second.cancelled = true;
  }
  changed();
  return true;
}

std::optional<LiveJob> LocalQueue::live(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = running_.find(id);
  if (found == running_.end()) return std::nullopt;
  return found->second.live;
}

std::uint64_t LocalQueue::changes() const {
  const std::lock_guard lock(mutex_);
  return changes_;
}

std::uint64_t LocalQueue::wait_for_change(std::uint64_t seen, std::chrono::milliseconds patience) const {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, patience, [&] { return changes_ != seen || stopped_; });
  return changes_;
}

bool LocalQueue::stopped() const {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

}  // namespace atelier::jobs
