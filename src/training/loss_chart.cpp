#include "training/loss_chart.h"

#include <cmath>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "atelier/error.h"
#include "core/json_text.h"
#include "core/markup.h"
#include "media/contact_sheet.h"
#include "report/curve_picture.h"
#include "report/html_page.h"
#include "report/svg_chart.h"

namespace atelier {
namespace {

constexpr std::size_t kMostPoints = 400;

ChartLine line_of(const std::string& name, const std::vector<ChartPoint>& points) {
  ChartLine line{name, {}};
  for (const auto& point : points) {
    const auto found = point.values.find(name);
    if (found != point.values.end()) line.points.emplace_back(static_cast<double>(point.step), found->second);
  }
  return line;
}

/// Not only those of the last point, which lacks what was not finite there.
std::set<std::string> names_in(const std::vector<ChartPoint>& points) {
  std::set<std::string> names;
  for (const auto& point : points)
    for (const auto& [name, value] : point.values) names.insert(name);
  return names;
}

std::string chart(const std::string& name, const std::vector<ChartPoint>& points) {
  return "<h2>" + markup_escaped(name) + "</h2>\n" + line_chart({line_of(name, points)}, "step");
}

std::string range_text(const ChartLine& line) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const auto& [step, value] : line.points)
    if (std::isfinite(value)) low = std::min(low, value), high = std::max(high, value);
  if (low > high) return "nothing was measured";
  char text[96];
  std::snprintf(text, sizeof text, "from %.4g to %.4g, last %.4g at step %.0f", low, high, line.points.back().second,
                line.points.back().first);
  return text;
}

/// Of what both hold; what one of them lacks is the other's.
ChartPoint mean_of(const ChartPoint& earlier, ChartPoint later) {
  for (const auto& [name, value] : earlier.values) {
    const auto [found, lacked] = later.values.emplace(name, value);
    if (!lacked) found->second = (found->second + value) / 2;
  }
  return later;
}

/// JSON has no numbers that are not finite: earlier versions wrote null in their place.
std::map<std::string, double> values_in(const nlohmann::json& json) {
  std::map<std::string, double> values;
  for (const auto& [name, value] : json.get<std::map<std::string, nlohmann::json>>())
    if (!value.is_null()) values[name] = value.get<double>();
  return values;
}

}  // namespace

void LossHistory::add(std::int64_t step, double loss, const std::map<std::string, double>& terms) {
  open_.step = step;
  take("loss", loss);
  for (const auto& [name, value] : terms) take(name, value);
  if (++in_open_ == per_point_) close_point();
}

void LossHistory::take(const std::string& name, double value) {
  if (!std::isfinite(value)) return;
  open_.values[name] += value;
  ++taken_[name];
}

void LossHistory::close_point() {
  for (auto& [name, value] : open_.values) value /= static_cast<double>(taken_[name]);
  if (!open_.values.empty()) points_.push_back(open_);
  open_ = {};
  taken_.clear();
  in_open_ = 0;
  if (points_.size() < kMostPoints) return;
  std::vector<ChartPoint> half;  // two neighbours become one
  for (std::size_t i = 1; i < points_.size(); i += 2) half.push_back(mean_of(points_[i - 1], points_[i]));
  points_ = std::move(half);
  per_point_ *= 2;
}

std::string LossHistory::to_json() const {
  nlohmann::json json = {{"per_point", per_point_}, {"points", nlohmann::json::array()}};
  for (const auto& point : points_) json["points"].push_back({{"step", point.step}, {"values", point.values}});
  return json_text(json);
}

LossHistory LossHistory::from_json(const std::string& json) try {
  LossHistory history;
  const auto parsed = nlohmann::json::parse(json);
  history.per_point_ = parsed.at("per_point").get<std::int64_t>();
  require(history.per_point_ > 0, "the checkpoint's history is damaged; start without --resume");
  for (const auto& point : parsed.at("points")) {
    auto values = values_in(point.at("values"));
    if (!values.empty()) history.points_.push_back({point.at("step").get<std::int64_t>(), std::move(values)});
  }
  return history;
} catch (const nlohmann::json::exception&) {
  throw Error("the checkpoint's history is damaged; start without --resume");
}

std::string chart_page(const std::string& title, const LossHistory& history, const std::string& preview) {
  std::string body;
  if (!preview.empty()) body += "<img src=\"" + file_address(preview) + "\" alt=\"what the model paints so far\">\n";
  if (history.points().empty()) return html_page(title, body + "<p>No steps yet.</p>");
  for (const auto& name : names_in(history.points())) body += chart(name, history.points());
  return html_page(title, body);
}

Image chart_sheet(const LossHistory& history) {
  require(!history.points().empty(), "there are no losses to draw yet; train a step first");
  std::vector<SheetCell> cells;
  for (const auto& name : names_in(history.points())) {
    const auto line = line_of(name, history.points());
    cells.push_back({name, curve_picture(line), {}, {range_text(line)}});
  }
  return contact_sheet(cells, {.columns = 2, .cell = 480});
}

}  // namespace atelier
