#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "optimise/optimiser.h"

namespace atelier {

/// Everything a coarse-to-fine run needs to go on where it was interrupted.
struct RunCheckpoint {
  std::string identity;  ///< the settings and pictures that it belongs to
  int scale = 0;         ///< index of the current scale
  int step = 0;          ///< steps finished within it
  int finished = 0;      ///< steps finished in all
  OptimiserState optimiser;
  Tensor average;              ///< undefined when none is kept
  std::vector<double> memory;  ///< see PictureLoopOptions::memory
};

/// Written atomically as a safetensors file.
void write_run_checkpoint(const std::filesystem::path& path, const RunCheckpoint& checkpoint);

/// Nothing when `path` does not exist.
/// @throws Error when the file is damaged or belongs to other settings or pictures.
std::optional<RunCheckpoint> read_run_checkpoint(const std::filesystem::path& path, const std::string& identity);

}  // namespace atelier
