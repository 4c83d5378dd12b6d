#include "stylize/forecast.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "atelier/error.h"
#include "core/machine.h"

namespace atelier {
namespace {

constexpr int kSmallestSide = 64;  // nobody wants less
constexpr std::size_t kBytesWorthTelling = 500'000'000;
constexpr double kSecondsWorthTelling = 5;

std::string number(const char* format, double value) {
  char text[48];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

/// "1.3 GB" or "240 MB"
std::string amount(std::uint64_t bytes) {
  const auto wide = static_cast<double>(bytes);
  return bytes < 1'000'000'000 ? number("%.0f MB", wide / 1e6) : number("%.1f GB", wide / 1e9);
}

/// "1 s", "90 s", "4 min" or "1.5 h"
std::string duration(double seconds) {
  if (seconds < 100) return number("%.0f s", std::max(seconds, 1.0));
  return seconds < 6000 ? number("%.0f min", seconds / 60) : number("%.1f h", seconds / 3600);
}

}  // namespace

std::string described(const Forecast& forecast) {
  if (forecast.bytes < kBytesWorthTelling && forecast.seconds < kSecondsWorthTelling) return "";
  std::string text;
  if (forecast.bytes > 0) text = amount(forecast.bytes) + " of memory";
  if (forecast.seconds > 0) text += (text.empty() ? "" : " and ") + duration(forecast.seconds);
  return "needs about " + text;
}

void require_memory(const Request& request, std::size_t needed, int longer_side) {
  const std::uint64_t allowed = request.memory ? request.memory : available_memory();
  if (allowed == 0 || needed <= allowed) return;
  // Memory grows with the number of pixels; a tenth is kept back for what does not shrink.
  const double factor = std::sqrt(0.9 * static_cast<double>(allowed) / static_cast<double>(needed));
  const int fitting = static_cast<int>(factor * longer_side);
  const std::string advice = request.memory ? "a larger --memory" : "close other programs";
  throw Error("this needs about " + amount(needed) + " of memory and " + amount(allowed) + " may be used; " +
              (fitting < kSmallestSide ? (request.memory ? "give " : "") + advice
                                       : "give --size " + std::to_string(fitting) + " or less, or " + advice));
}

}  // namespace atelier
