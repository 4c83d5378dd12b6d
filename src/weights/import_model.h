#pragma once
#include <filesystem>
#include <string>

#include "weights/model_store.h"
#include "weights/weight_set.h"

namespace atelier {

/// How import_model() keeps a model.
struct ModelImport {
  std::string name = {};    ///< [a-z0-9._-], at most 64; empty: a whole VGG's architecture, else the file's name
  std::string source = {};  ///< what to record as the origin; empty: the file's name
  RecogniseWeights recognise = {};  ///< may be empty
  bool replace = false;             ///< also a model of that name that holds something else
};

/// Converts a weight file, or a folder of deeplearn.js or TensorFlow.js, into the user's folder as NAME.safetensors,
/// written atomically. VGG-16/19 files become encoders named conv1_1..., without their classifier; what
/// `wanted.recognise` knows becomes what it makes of it; the rest is kept as it is.
/// @throws Error  when the file cannot be read, or the name is malformed, an embedded model's, that of a model of
///                other tensors which is not to be replaced, or for a style that of another style.
ModelInfo import_model(const std::filesystem::path& file, const ModelImport& wanted = {});

}  // namespace atelier
