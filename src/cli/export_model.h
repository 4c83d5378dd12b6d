#pragma once
#include <string>

namespace atelier::cli {

/// Writes the network of a style, a model (an encoder too) or a model file to `file`, as ONNX, and says so.
/// @param tap  only what belongs to it (reconstruction::part_of_model()); empty: everything.
/// @return     exit status. @throws Error when there is none of that name or it holds no network or no such tap.
int export_model(const std::string& id, const std::string& file, const std::string& tap);

}  // namespace atelier::cli
