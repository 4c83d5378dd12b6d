#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "atelier/image.h"

namespace atelier {

/// Means over some steps of a run: the loss and its terms, by name; what was not finite is left out.
struct ChartPoint {
  std::int64_t step = 0;
  std::map<std::string, double> values;
};

/// What a run has measured so far, thinned so that it never holds more than some hundred points.
class LossHistory {
 public:
  /// Adds one step's values, but for those that are not finite.
  void add(std::int64_t step, double loss, const std::map<std::string, double>& terms);
  const std::vector<ChartPoint>& points() const { return points_; }

  /// As text, for a checkpoint; and back. @throws Error when `json` is no history.
  std::string to_json() const;
  static LossHistory from_json(const std::string& json);

 private:
  void take(const std::string& name, double value);
  void close_point();

  std::vector<ChartPoint> points_;
  ChartPoint open_;                            ///< sums of the steps since the last point
  std::map<std::string, std::int64_t> taken_;  ///< how many each of these sums is of
  std::int64_t in_open_ = 0, per_point_ = 1;
};

/// A page without external resources: one line chart (SVG) per value, over the steps.
/// @param preview  picture shown above the charts, relative to the page; empty: none.
std::string chart_page(const std::string& title, const LossHistory& history, const std::string& preview);

/// The same as a picture: one curve per value, with the value's name, range and last mean below it. train() writes it
/// beside TrainingOptions::chart, with .png in place of its extension, in builds that write pictures (has_codecs()).
/// @throws Error for a history without points.
Image chart_sheet(const LossHistory& history);

}  // namespace atelier
