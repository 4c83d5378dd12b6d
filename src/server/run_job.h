#pragma once
#include <atomic>

#include "jobs/job.h"
#include "jobs/job_queue.h"
#include "server/studio.h"

namespace atelier::server {

/// Carries out a job that `queue` gave, telling it of progress and previews: paints the photo (a draft of 256 pixels
/// first, where the method is fast), or learns the painting. The result lies whole in Studio::result_file() when this
/// returns kDone. What goes wrong becomes kFailed with the reason.
///
/// @param stopping  set when the server stops: the job then ends within a step.
/// @param threads   to compute with.
/// @return          how the job ended; nothing when it was interrupted by `stopping`.
std::optional<jobs::JobEnd> run_job(Studio& studio, jobs::JobQueue& queue, const jobs::Job& job,
                                    const std::atomic<bool>& stopping, int threads);

/// About how many bytes the job will need; 0 when that cannot be told, because it will fail.
std::uint64_t memory_of(Studio& studio, const jobs::Job& job);

}  // namespace atelier::server
