#include "atelier/method_list.h"

#include <nlohmann/json.hpp>

#include "methods/method.h"

namespace atelier {
namespace {

using nlohmann::ordered_json;

const char* takes_name(Takes takes) {
  switch (takes) {
    case Takes::kPictures: return "pictures";
    case Takes::kModels: return "models";
    case Takes::kBoth: return "both";
  }
  return "pictures";
}

MethodDescription description_of(const MethodInfo& info) {
  return {std::string(info.name), std::string(info.family), std::string(info.citation), std::string(info.summary),
          info.options,           takes_name(info.takes)};
}

ordered_json to_json(const Option& option) {
  ordered_json json = {{"name", option.name},
                       {"help", option.help},
                       {"kind", kind_name(option.kind)},
                       {"default", option.default_value}};
  if (option.kind == Option::Kind::kNumber || option.kind == Option::Kind::kInteger) {
    json["lowest"] = option.lowest;
    json["highest"] = option.highest;
  }
  if (option.kind == Option::Kind::kChoice) json["choices"] = option.choices;
  return json;
}

ordered_json to_json(const std::vector<Option>& options) {
  ordered_json array = ordered_json::array();
  for (const auto& option : options) array.push_back(to_json(option));
  return array;
}

}  // namespace

std::vector<MethodDescription> list_methods() {
  std::vector<MethodDescription> list;
  for (const auto& info : all_methods()) list.push_back(description_of(info));
  return list;
}

MethodDescription describe_method(const std::string& name) { return description_of(find_method(name)); }

std::string methods_json() {
  ordered_json array = ordered_json::array();
  for (const auto& info : all_methods())
    array.push_back({{"name", info.name},
                     {"family", info.family},
                     {"citation", info.citation},
                     {"summary", info.summary},
                     {"takes", takes_name(info.takes)},
                     {"options", to_json(info.options)}});
  return array.dump();
}

std::string options_json(const std::vector<Option>& options) { return to_json(options).dump(); }

}  // namespace atelier
