#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "atelier/error.h"
#include "atelier/stylize.h"
#include "atelier/version.h"
#include "core/json_text.h"
#include "core/sha256.h"
#include "methods/method.h"
#include "stylize/settings.h"
#include "stylize/style_source.h"
#include "weights/model_store.h"

namespace atelier {
namespace {

using nlohmann::json;

/// Settings that say how a run behaved, not what it painted.
constexpr const char* kNotInRecipe[] = {"preview", "checkpoint", "keep-best", "memory", "threads"};

json file_entry(const std::string& path) { return {{"file", path}, {"sha256", sha256_file(path)}}; }

/// The sha256 of a model by name or file; empty when there is none of that name, which a
/// method without an encoder does not mind.
std::string model_sha256(const std::string& name) {
  const auto models = list_models();
  const auto known = std::find_if(models.begin(), models.end(), [&](const auto& model) { return model.name == name; });
  if (known != models.end()) return known->sha256;
  return std::filesystem::is_regular_file(name) ? sha256_file(name) : "";
}

/// A picture by its file; a model's style as it was typed, with the model's sha256.
json style_entry(const StyleRequest& style) {
  const auto source = find_style_source(style.source);
  json entry = source.is_model() ? json{{"style", style.source}, {"sha256", model_sha256(source.model)}}
                                 : file_entry(style.source);
  entry["weight"] = style.weight;
  if (!style.mask.empty()) entry["mask"] = file_entry(style.mask);
  return entry;
}

/// The models that the method looks at beside the styles: its encoder, and the one that its own option names.
json model_entries(const Request& request) {
  const MethodInfo& method = find_method(chosen_method(request));
  json models = json::array();
  const auto add = [&](const std::string& name) { models.push_back({{"name", name}, {"sha256", model_sha256(name)}}); };
  if (method.uses_encoder) add(request.encoder);
  if (!method.model_option.empty()) add(Values(method.options, request.options).text(std::string(method.model_option)));
  return models;
}

json parse_recipe(const std::string& text) {
  json recipe = json::parse(text, nullptr, false);
  require(recipe.is_object() && recipe.contains("atelier"),
          "this is not a recipe of Atelier; give a picture that `atelier stylize` wrote");
  return recipe;
}

/// Runs `read` on a parsed recipe; a missing or mistyped entry becomes our Error.
template <typename Read>
auto with_recipe(const std::string& text, Read read) {
  const json recipe = parse_recipe(text);
  try {
    return read(recipe);
  } catch (const json::exception&) {
    throw Error("the recipe is damaged or of a newer version; stylise the photo anew");
  }
}

Request request_of(const json& recipe) {
  Request request;
  request.content = recipe.at("photo").at("file").get<std::string>();
  request.output = recipe.at("output").get<std::string>();
  for (const auto& entry : recipe.at("styles"))
    request.styles.push_back({entry.at(entry.contains("style") ? "style" : "file").get<std::string>(),
                              entry.at("weight").get<double>(),
                              entry.contains("mask") ? entry.at("mask").at("file").get<std::string>() : ""});
  const auto settings = recipe.at("settings").get<std::map<std::string, std::string>>();
  for (const char* name : kNotInRecipe)
    require(!settings.contains(name), "the recipe says \"" + std::string(name) +
                                          "\", which no recipe of ours does; do not use it, somebody has changed it");
  apply_options(request, settings);
  request.options = recipe.at("options").get<std::map<std::string, std::string>>();
  return request;
}

void compare_file(const json& entry, std::vector<std::string>& differences) {
  const auto file = entry.at("file").get<std::string>();
  if (!std::filesystem::is_regular_file(file))
    differences.push_back("\"" + file + "\" is missing");
  else if (sha256_file(file) != entry.at("sha256").get<std::string>())
    differences.push_back("\"" + file + "\" has changed");
}

void compare_style(const json& entry, std::vector<std::string>& differences) {
  const auto name = entry.at("style").get<std::string>();
  try {
    if (model_sha256(find_style_source(name).model) != entry.at("sha256").get<std::string>())
      differences.push_back("the style \"" + name + "\" is another one");
  } catch (const Error&) {
    differences.push_back("the style \"" + name + "\" is missing");
  }
}

std::vector<std::string> differences_of(const json& recipe) {
  std::vector<std::string> differences;
  compare_file(recipe.at("photo"), differences);
  for (const auto& style : recipe.at("styles")) {
    style.contains("style") ? compare_style(style, differences) : compare_file(style, differences);
    if (style.contains("mask")) compare_file(style.at("mask"), differences);
  }
  for (const auto& model : recipe.at("models")) {
    const auto name = model.at("name").get<std::string>();
    if (model_sha256(name) != model.at("sha256").get<std::string>())
      differences.push_back("the model \"" + name + "\" is another one");
  }
  return differences;
}

}  // namespace

std::string to_recipe(const Request& request) {
  auto settings = typed_options(request);
  for (const char* name : kNotInRecipe) settings.erase(name);
  settings["method"] = chosen_method(request);
  json styles = json::array();
  for (const auto& style : request.styles) styles.push_back(style_entry(style));
  const json recipe = {{"atelier", version()},
                       {"command", "stylize"},
                       {"photo", file_entry(request.content)},
                       {"styles", styles},
                       {"output", request.output},
                       {"settings", settings},
                       {"options", request.options},
                       {"models", model_entries(request)}};
  return json_text(recipe);
}

Request from_recipe(const std::string& text) { return with_recipe(text, request_of); }

std::vector<std::string> recipe_differences(const std::string& text) { return with_recipe(text, differences_of); }

}  // namespace atelier
