#pragma once
#include <string>

namespace atelier::cli {

/// Writes the network of a style, a model or a model file to `file`, as ONNX, and says so.
/// @return exit status. @throws Error when there is none of that name or it holds no network.
int export_model(const std::string& id, const std::string& file);

}  // namespace atelier::cli
