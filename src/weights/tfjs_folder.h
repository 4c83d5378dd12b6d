#pragma once
#include <filesystem>
#include <span>

#include "weights/weight_set.h"

namespace atelier {

/// Whether the content may be a manifest of deeplearn.js or TensorFlow.js: a JSON object or array.
bool looks_like_tfjs(std::span<const std::byte> bytes);

/// Reads the variables that a folder of deeplearn.js or TensorFlow.js holds beside its manifest:
/// - manifest.json, {NAME: {"filename": FILE, "shape": [...]}}, each file raw floats (deeplearn.js checkpoints);
/// - weights_manifest.json, *-weights_manifest.json, [{"paths": [FILE, ...], "weights": [{"name", "shape", "dtype",
///   "quantization"}, ...]}, ...], or model.json with that list as "weightsManifest": the files of a group joined, the
///   weights in order; dtype float32, int32, bool or uint8, quantised as uint8 or uint16 (scale · q + min, which
///   become F32, or I32) or float16 (F16).
/// Formats: PAIR-code/deeplearnjs, src/data/checkpoint_loader.ts; tensorflow/tfjs, tfjs-core/src/io/io_utils.ts.
///
/// @param path    the folder, or the manifest itself. Files are taken from the manifest's folder and below only.
/// @throws Error  naming the file or variable and what is missing, malformed or of another size.
WeightSet read_tfjs(const std::filesystem::path& path);

}  // namespace atelier
