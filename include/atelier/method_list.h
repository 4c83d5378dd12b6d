#pragma once
#include <string>
#include <vector>

#include "atelier/option.h"

namespace atelier {

/// A method as the catalogue describes it, for programs that embed Atelier.
struct MethodDescription {
  std::string name;             ///< "gatys", as in Request::method
  std::string family;           ///< for instance "image-iteration/mmd"
  std::string citation;         ///< paper
  std::string summary;          ///< one line
  std::vector<Option> options;  ///< names and ranges for Request::options
  std::string takes;            ///< what a style may be: "pictures", "models" or "both"
};

/// All methods, in the catalogue's order.
std::vector<MethodDescription> list_methods();

/// @throws Error with the nearest name when there is no such method.
MethodDescription describe_method(const std::string& name);

/// The catalogue as a JSON array: name, family, citation, summary, takes and options, each with name,
/// help, kind, default, and where they apply lowest, highest and choices.
std::string methods_json();

/// A list of options as a JSON array in the same form, for instance request_options().
std::string options_json(const std::vector<Option>& options);

}  // namespace atelier
