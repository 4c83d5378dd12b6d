#pragma once
#include <optional>
#include <string>
#include <vector>

#include "atelier/image.h"
#include "evaluation/critic_view.h"
#include "evaluation/yardstick_scores.h"

namespace atelier {

/// A result with what it is measured against; pictures without pixels were not given.
struct Subject {
  Image result;
  Image content;    ///< at the result's size
  Image style;      ///< its longer side as the result's
  Image reference;  ///< at the result's size
  std::optional<StyleYardstick> yardstick;
  int tile = 0;  ///< side of the tiles that the result was painted in; 0: in one piece
  CriticView* critic = nullptr;

  /// What a metric of likeness compares with: the reference, or else the content.
  const Image& truth() const { return reference.pixels() > 0 ? reference : content; }
  /// What a metric of texture and colours compares with: the reference, or else the style.
  const Image& manner() const { return reference.pixels() > 0 ? reference : style; }
};

/// What must be given for a metric.
enum class Needs { kNothing, kContent, kContentAndStyle, kReferenceOrContent, kReferenceOrStyle, kTile, kCritic };

/// Which way is good.
enum class Better { kLower, kHigher, kNeither };

/// A metric, described once: the command line, the reports and their columns are made from this list.
struct MetricInfo {
  const char* name;     ///< as typed after --metrics, and the column's
  const char* summary;  ///< one line; starts with a small letter, no full stop
  Needs needs;
  Better better;
  double (*measure)(const Subject&);  ///< @throws Error when the pictures do not suffice
};

/// All metrics, in the order in which they are reported.
const std::vector<MetricInfo>& all_metrics();

/// Whether the metric looks at the features of an encoder.
bool uses_encoder(const MetricInfo& metric);

/// Which pictures (and tiles, and critic) are there.
struct Given {
  bool content = false, style = false, reference = false, tile = false, critic = false;
};

/// What the metric is taken against: "content", "style", "reference", "content and style", or "" for nothing.
std::string against(const MetricInfo& metric, const Given& given);

/// The metrics of a comma-separated list; for an empty one, all that are possible with what was given.
/// @throws Error for an unknown name, or a metric that lacks what it needs.
std::vector<MetricInfo> chosen_metrics(const std::string& list, const Given& given);

}  // namespace atelier
