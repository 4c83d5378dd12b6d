#include "methods/model_iteration/adversarial/colour_count_options.h"

namespace atelier::methods {

std::vector<Option> colour_count_options(double weight) {
  return {
      Option::number("color-count-loss",
                     "weight of the difference in the number of colours, counted by DBSCAN; 0: none", weight, 0, 1e6),
      Option::choice("color-count",
                     "soft pulls colours towards the wanted number; literal is the paper's, which has no gradient",
                     "soft", {"soft", "literal"})};
}

ColourCountSettings colour_count_settings(const Values& values) {
  ColourCountSettings settings;
  settings.weight = values.number("color-count-loss");
  settings.form = values.text("color-count") == "soft" ? ColourCount::kSoft : ColourCount::kLiteral;
  return settings;
}

}  // namespace atelier::methods
