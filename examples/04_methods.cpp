// Lists the methods and their options: what a form or a help text is made from.
#include <cstdio>

#include "atelier/method_list.h"

int main() {
  for (const auto& method : atelier::list_methods()) {
    std::printf("%s: %s (%s)\n", method.name.c_str(), method.summary.c_str(), method.citation.c_str());
    for (const auto& option : method.options)
      std::printf("  --%s %s [%s]\n", option.name.c_str(), option.help.c_str(), option.default_value.c_str());
  }
  std::printf("%s\n", atelier::methods_json().c_str());
}
