#include "methods/model_iteration/generative/held_styles.h"

#include <algorithm>

#include "atelier/error.h"
#include "core/printable.h"
#include "weights/style_store.h"

namespace atelier::methods {

std::vector<std::string> held_styles(const std::string& model) {
  std::vector<std::string> names;
  for (const auto& card : styles_in(model)) names.push_back(card.entry);
  return names;
}

std::int64_t place_of(const Style& style, const std::vector<std::string>& held) {
  if (style.entry.empty() && held.size() == 1) return 0;
  const auto found = std::find(held.begin(), held.end(), style.entry);
  require(found != held.end(), "the model " + printable(style.model) + " holds no style " + printable(style.entry) +
                                   "; see `atelier styles`");
  return found - held.begin();
}

}  // namespace atelier::methods
