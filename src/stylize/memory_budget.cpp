#include "stylize/memory_budget.h"

#include <cmath>
#include <cstdio>
#include <string>

#include "atelier/error.h"
#include "core/machine.h"

namespace atelier {
namespace {

/// "1.3 GB" or "240 MB"
std::string amount(std::uint64_t bytes) {
  char text[32];
  if (bytes < 1'000'000'000)
    std::snprintf(text, sizeof text, "%.0f MB", static_cast<double>(bytes) / 1e6);
  else
    std::snprintf(text, sizeof text, "%.1f GB", static_cast<double>(bytes) / 1e9);
  return text;
}

}  // namespace

void require_memory(const Request& request, std::size_t needed, Observer& observer) {
  if (needed == 0) return;
  const std::uint64_t allowed = request.memory ? request.memory : available_memory();
  if (allowed == 0 || needed <= allowed) return observer.note("needs about " + amount(needed) + " of memory");
  // Memory grows with the number of pixels; a tenth is kept back for what does not shrink.
  const double factor = std::sqrt(0.9 * static_cast<double>(allowed) / static_cast<double>(needed));
  throw Error("this needs about " + amount(needed) + " of memory and " + amount(allowed) +
              " may be used; give --size " + std::to_string(static_cast<int>(factor * observer.longer_side())) +
              " or less" + (request.memory ? ", or a larger --memory" : ""));
}

}  // namespace atelier
