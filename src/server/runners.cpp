#include "server/runners.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "atelier/error.h"
#include "core/machine.h"
#include "server/run_job.h"

namespace atelier::server {
namespace {

using Clock = std::chrono::steady_clock;

// One picture is spread well over this many cores; beyond them a second picture gains more. Two run side by side on
// fewer cores as well: threads of one picture wait for each other, the more so where other programs take a core
// (docs/server.md, figures), and a quick job need not wait for a slow one.
constexpr int kCoresOfOneJob = 4;
constexpr int kSideBySide = 2;

// Of the memory that is free at the start; the rest is for uploads, pictures on their way out, and other programs.
constexpr double kMemoryShare = 0.7;

int cores_of(const ServerOptions& options) { return options.threads > 0 ? options.threads : usable_cores(); }

}  // namespace

int places(const ServerOptions& options) {
  const int cores = cores_of(options);
  return options.jobs_at_once > 0 ? options.jobs_at_once
                                  : std::max(std::min(kSideBySide, cores), cores / kCoresOfOneJob);
}

Runners::Runners(Studio& studio, jobs::JobQueue& queue)
    : studio_(studio),
      queue_(queue),
      memory_(static_cast<std::uint64_t>(kMemoryShare * static_cast<double>(available_memory()))) {
  const int count = places(studio.options());
  threads_ = std::max(1, cores_of(studio.options()) / count);
  for (int i = 0; i < count; ++i) workers_.emplace_back([this] { work(); });
}

Runners::~Runners() {
  stopping_ = true;
  queue_.stop();
  for (auto& worker : workers_) worker.join();
}

void Runners::work() {
  while (!stopping_) {
    try {
      if (const auto job = queue_.take(std::chrono::seconds(1))) run(*job);
    } catch (const std::exception& error) {  // the store refuses: the job stays as it is on disk
      studio_.log("error", "runner", {{"error", error.what()}});
      std::this_thread::sleep_for(std::chrono::seconds(1));
    }
  }
}

std::optional<jobs::JobEnd> Runners::run_within_memory(const jobs::Job& job) {
  bool cancelled = false;
  const auto share = memory_.take(memory_of(studio_, job), [&] {
    cancelled = !queue_.report(job.id, {"waiting for memory"});
    return !cancelled && !stopping_;
  });
  if (share) return run_job(studio_, queue_, job, stopping_, threads_);
  if (cancelled) return jobs::JobEnd{jobs::JobState::kCancelled};
  return std::nullopt;
}

void Runners::run(const jobs::Job& job) {
  studio_.log("info", "job started", {{"job", job.id}, {"kind", job.kind}, {"attempt", job.attempts}});
  const auto start = Clock::now();
  const auto end = run_within_memory(job);
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  if (!end) {
    queue_.give_back(job.id);
    studio_.log("info", "job put back", {{"job", job.id}});
    return;
  }
  queue_.finish(job.id, *end);
  studio_.counters().count_job(job.kind, name_of(end->state), seconds);
  nlohmann::ordered_json fields = {{"job", job.id}, {"state", name_of(end->state)}, {"seconds", seconds}};
  if (!end->error.empty()) fields["error"] = end->error;
  studio_.log(end->state == jobs::JobState::kFailed ? "warning" : "info", "job ended", fields);
}

}  // namespace atelier::server
