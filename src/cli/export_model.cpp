#include "cli/export_model.h"

#include <filesystem>

#include "atelier/error.h"
#include "cli/terminal.h"
#include "methods/model_iteration/reconstruction/model_part.h"
#include "networks/export_onnx.h"
#include "weights/model_store.h"
#include "weights/style_store.h"

namespace atelier::cli {
namespace {

/// A style's name stands for the model that holds it.
std::string model_behind(const std::string& id) {
  if (std::filesystem::exists(id)) return id;
  for (const auto& style : list_styles())
    if (style.name == id && !style.damaged) return style.model;
  return id;
}

}  // namespace

int export_model(const std::string& id, const std::string& file, const std::string& tap) {
  std::error_code error;
  require(!std::filesystem::equivalent(id, file, error), "\"" + file + "\" is the model itself; choose another name");
  const auto model = open_model(model_behind(id));
  export_onnx(tap.empty() ? model : reconstruction::part_of_model(model, tap), file);
  say("wrote " + shown(file) + "\n");
  return 0;
}

}  // namespace atelier::cli
