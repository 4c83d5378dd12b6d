#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace atelier::jobs {

enum class JobState { kQueued, kRunning, kDone, kFailed, kCancelled };

/// "queued", "running", "done", "failed" or "cancelled", as in the store and in JSON.
const char* name_of(JobState state);
/// The inverse. @throws Error for another text.
JobState state_named(const std::string& name);
/// Done, failed or cancelled: nothing changes any more.
bool is_over(JobState state);

/// What a finished job made.
struct JobResult {
  int width = 0, height = 0;
  std::int64_t bytes = 0;
};

/// A piece of work as the store keeps it. Times are seconds since 1970; 0 for what has not happened.
struct Job {
  std::int64_t number = 0;  ///< in the order of arrival
  std::string id;           ///< 16 hexadecimal digits, random
  std::string client;       ///< who asked: decides whose turn it is
  std::string kind;         ///< "stylize" or "teach"
  JobState state = JobState::kQueued;
  std::string request;  ///< JSON as posted
  double created = 0, started = 0, finished = 0;
  int attempts = 0;        ///< how often it was begun
  bool cancelled = false;  ///< asked to stop; the state follows within a step
  std::string error;       ///< kFailed: WHAT WAS WRONG; WHAT TO DO
  std::optional<JobResult> result;
};

/// A job to be; see JobStore::add().
struct NewJob {
  std::string client, kind, request;
  std::optional<std::string> key;     ///< Idempotency-Key
  std::vector<std::string> pictures;  ///< ids of what it needs, each once
};

/// How a job ended. Never kQueued or kRunning.
struct JobEnd {
  JobState state = JobState::kDone;
  std::string error = {};
  std::optional<JobResult> result = {};
};

/// What a running job says after a step.
struct JobProgress {
  std::string stage;
  int step = 0, steps = 0;
  double seconds = 0;
  double seconds_left = -1;  ///< negative when not known yet
};

}  // namespace atelier::jobs
