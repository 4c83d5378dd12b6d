#include "training/adversarial/colour_count_term.h"

#include <torch/torch.h>

#include "losses/colour_count.h"

namespace atelier {

Tensor colour_count_term(const Tensor& made, const Tensor& wanted, const ColourCountSettings& settings,
                         std::map<std::string, double>& terms) {
  if (settings.weight == 0) return {};
  const auto counts = losses::colour_counts(wanted, settings.dbscan);
  const bool soft = settings.form == ColourCount::kSoft;
  const auto goals = soft ? losses::colour_goals(made, counts, settings.dbscan) : losses::ColourGoals();
  const auto found = soft ? goals.counts : losses::colour_counts(made, settings.dbscan);
  const auto distance = losses::colour_count_distance(found, counts);
  terms["colours off"] = distance.item<double>();
  if (!soft) return (settings.weight * distance).to(made.options());
  const auto pull = losses::colour_pull(made, goals, settings.dbscan.eps);
  terms["colour pull"] = pull.item<double>();
  return settings.weight * pull;
}

}  // namespace atelier
