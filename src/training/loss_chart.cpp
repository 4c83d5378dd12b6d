#include "training/loss_chart.h"

#include <cmath>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>

#include "atelier/error.h"
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

std::string chart(const std::string& name, const std::vector<ChartPoint>& points) {
  return "<h2>" + html_escaped(name) + "</h2>\n" + line_chart({line_of(name, points)}, "step");
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

}  // namespace

void LossHistory::add(std::int64_t step, double loss, const std::map<std::string, double>& terms) {
  open_.step = step;
  open_.values["loss"] += loss;
  for (const auto& [name, value] : terms) open_.values[name] += value;
  if (++in_open_ == per_point_) close_point();
}

void LossHistory::close_point() {
  for (auto& [name, value] : open_.values) value /= static_cast<double>(in_open_);
  points_.push_back(open_);
  open_ = {};
  in_open_ = 0;
  if (points_.size() < kMostPoints) return;
  std::vector<ChartPoint> half;  // two neighbours become one
  for (std::size_t i = 1; i < points_.size(); i += 2) {
    for (auto& [name, value] : points_[i].values) value = (value + points_[i - 1].values[name]) / 2;
    half.push_back(points_[i]);
  }
  points_ = std::move(half);
  per_point_ *= 2;
}

std::string LossHistory::to_json() const {
  nlohmann::json json = {{"per_point", per_point_}, {"points", nlohmann::json::array()}};
  for (const auto& point : points_) json["points"].push_back({{"step", point.step}, {"values", point.values}});
  return json.dump();
}

LossHistory LossHistory::from_json(const std::string& json) try {
  LossHistory history;
  const auto parsed = nlohmann::json::parse(json);
  history.per_point_ = parsed.at("per_point").get<std::int64_t>();
  require(history.per_point_ > 0, "the checkpoint's history is damaged; start without --resume");
  for (const auto& point : parsed.at("points"))
    history.points_.push_back(
        {point.at("step").get<std::int64_t>(), point.at("values").get<std::map<std::string, double>>()});
  return history;
} catch (const nlohmann::json::exception&) {
  throw Error("the checkpoint's history is damaged; start without --resume");
}

std::string chart_page(const std::string& title, const LossHistory& history, const std::string& preview) {
  std::string body;
  if (!preview.empty()) body += "<img src=\"" + html_escaped(preview) + "\" alt=\"what the model paints so far\">\n";
  if (history.points().empty()) return html_page(title, body + "<p>No steps yet.</p>");
  for (const auto& [name, value] : history.points().back().values) body += chart(name, history.points());
  return html_page(title, body);
}

Image chart_sheet(const LossHistory& history) {
  require(!history.points().empty(), "there are no losses to draw yet; train a step first");
  std::vector<SheetCell> cells;
  for (const auto& [name, value] : history.points().back().values) {
    const auto line = line_of(name, history.points());
    cells.push_back({name, curve_picture(line), {}, {range_text(line)}});
  }
  return contact_sheet(cells, {.columns = 2, .cell = 480});
}

}  // namespace atelier
