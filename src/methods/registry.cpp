#include "atelier/error.h"
#include "core/nearest_name.h"
#include "core/printable.h"
#include "methods/method.h"

namespace atelier {

#define METHOD(name)        \
  namespace methods::name { \
  MethodInfo describe();    \
  }
#include "methods/methods.def"
#undef METHOD

const std::vector<MethodInfo>& all_methods() {
  static const std::vector<MethodInfo> methods = {
#define METHOD(name) methods::name::describe(),
#include "methods/methods.def"
#undef METHOD
  };
  return methods;
}

const MethodInfo& find_method(std::string_view name) {
  std::vector<std::string> names;
  for (const auto& method : all_methods()) {
    if (method.name == name) return method;
    names.emplace_back(method.name);
  }
  throw Error("there is no method " + printable(name) + "; " + did_you_mean(name, names, "atelier methods"));
}

}  // namespace atelier
