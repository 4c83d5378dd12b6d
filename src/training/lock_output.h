#pragma once
#include <memory>

#include "core/file_lock.h"
#include "training/training_options.h"

namespace atelier {

/// Keeps other trainings from writing `options.output` as long as the lock lives, by OUTPUT.lock beside it. Processes
/// of other ranks write nothing and get none, nor does a run without an output.
/// @throws Error (kFailure) when another training has it.
std::unique_ptr<FileLock> lock_output(const TrainingOptions& options);

}  // namespace atelier
