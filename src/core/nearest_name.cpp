#include "core/nearest_name.h"

#include <algorithm>
#include <numeric>

namespace atelier {
namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row.back();
}

}  // namespace

std::string did_you_mean(std::string_view wrong, const std::vector<std::string>& names, std::string_view listing) {
  const auto nearest = std::min_element(names.begin(), names.end(), [&](const auto& a, const auto& b) {
    return edit_distance(wrong, a) < edit_distance(wrong, b);
  });
  if (nearest != names.end() && edit_distance(wrong, *nearest) <= std::max<std::size_t>(2, wrong.size() / 3))
    return "did you mean \"" + *nearest + "\"?";
  return "see `" + std::string(listing) + "`";
}

}  // namespace atelier
