#pragma once
#include <filesystem>
#include <span>
#include <string>

#include "weights/weight_set.h"

namespace atelier {

/// Opens a .safetensors file by memory map. Header, offsets, shapes and types are checked
/// against the file before anything is trusted.
/// Format: https://github.com/huggingface/safetensors, README, "Format".
/// @throws Error naming the file and the fault.
WeightSet read_safetensors(const std::filesystem::path& path);

/// The same for bytes in memory that outlive the result (embedded models, fuzzing).
/// `name` is used in messages.
WeightSet parse_safetensors(std::span<const std::byte> bytes, const std::string& name);

/// Writes `weights` atomically (temporary file, fsync, rename). The same tensors and metadata always give the
/// same bytes: wide types first, then by name, with the data at a multiple of 64, so that every element is aligned.
/// @throws Error (kFailure) when the file cannot be written; the old file is then intact.
void write_safetensors(const std::filesystem::path& path, const WeightSet& weights);

}  // namespace atelier
