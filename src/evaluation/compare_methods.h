#pragma once
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "atelier/stylize.h"

namespace atelier {

/// One column of a comparison.
struct ComparedMethod {
  std::string method;                          ///< a name of the catalogue, or "auto"
  std::string style;                           ///< model or gallery style to paint with; empty: the painting
  std::map<std::string, std::string> options;  ///< the method's own

  /// "gatys", or "conditional-in:great-wave".
  std::string label() const { return style.empty() ? method : method + ":" + style; }
};

/// Methods from a list such as "gatys,adain,conditional-in:great-wave".
/// @throws Error for an empty list or an unknown method, with the nearest name.
std::vector<ComparedMethod> parse_compared_methods(const std::string& list);

/// Gives "METHOD.OPTION=VALUE" to every column of that method; METHOD may be a label, too.
/// @throws Error when it is malformed, or no column is meant.
void set_compared_option(const std::string& typed, std::vector<ComparedMethod>& methods);

struct ComparisonRequest {
  std::vector<std::string> contents;  ///< photos, one row each
  std::string style;                  ///< the painting: what methods paint after, and what all are measured against
  std::vector<ComparedMethod> methods;
  Request common;                     ///< settings that all share: size, strength, seed, …
  std::filesystem::path folder;       ///< where the painted pictures go
  std::string yardstick = "compact";  ///< encoder whose features measure style and content
};

/// What one method made of one photo.
struct ComparisonCell {
  std::string picture;  ///< file; empty when there is none
  /// Why there is none, or why it could not be measured; empty also when it was not its turn any more.
  std::string fault;
  /// The metrics of these names; NaN where one cannot be measured.
  double style = std::numeric_limits<double>::quiet_NaN(), content = style, ssim = style;
  double seconds = 0;  ///< from file to file, models read anew
};

struct Comparison {
  std::vector<std::string> contents;
  std::string style;
  std::vector<std::string> labels;                 ///< of the methods
  std::vector<std::vector<ComparisonCell>> cells;  ///< [content][method]
  bool complete = true;                            ///< false when stopped
};

/// What a comparison says as it goes.
struct ComparisonObserver {
  std::function<void(const Request&)> on_start;
  OnProgress on_progress;  ///< returns false to stop: what is done is kept
  std::function<void(const Comparison&, std::size_t content, std::size_t method)> on_cell;
};

/// Paints every photo by every method through stylize(), and measures. What a method refuses, or fails at, becomes its
/// cell's fault and does not disturb the others; so does a photo that turns out damaged when it is decoded.
/// @throws Error when a photo or the painting is missing or no picture, the painting is damaged, or the yardstick cannot
///               be opened: nothing was painted.
Comparison compare_methods(const ComparisonRequest& request, const ComparisonObserver& observer = {});

}  // namespace atelier
