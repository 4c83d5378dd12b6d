#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace atelier {

/// Advice for a misspelt name: "did you mean "gatys"?", or, when nothing is near,
/// "see `LISTING`".
std::string did_you_mean(std::string_view wrong, const std::vector<std::string>& names, std::string_view listing);

}  // namespace atelier
