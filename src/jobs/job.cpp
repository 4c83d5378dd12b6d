#include "jobs/job.h"

#include <array>
#include <utility>

#include "atelier/error.h"
#include "core/printable.h"

namespace atelier::jobs {
namespace {

constexpr std::array<std::pair<JobState, const char*>, 5> kNames = {{
    {JobState::kQueued, "queued"},
    {JobState::kRunning, "running"},
    {JobState::kDone, "done"},
    {JobState::kFailed, "failed"},
    {JobState::kCancelled, "cancelled"},
}};

}  // namespace

const char* name_of(JobState state) {
  for (const auto& [known, name] : kNames)
    if (known == state) return name;
  return "queued";
}

JobState state_named(const std::string& name) {
  for (const auto& [state, known] : kNames)
    if (known == name) return state;
  throw Error("there is no job state " + printable(name) + "; the job store is damaged, give another --data folder",
              ErrorKind::kFailure);
}

bool is_over(JobState state) { return state != JobState::kQueued && state != JobState::kRunning; }

}  // namespace atelier::jobs
