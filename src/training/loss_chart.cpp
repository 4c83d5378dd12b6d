#include "training/loss_chart.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>

#include "atelier/error.h"

namespace atelier {
namespace {

constexpr std::size_t kMostPoints = 400;
constexpr double kWidth = 640, kHeight = 180, kLeft = 64, kTop = 12, kBottom = 24;

std::string text(const char* format, double a, double b = 0) {
  char buffer[96];
  std::snprintf(buffer, sizeof buffer, format, a, b);
  return buffer;
}

std::string escaped(const std::string& plain) {
  std::string safe;
  for (const char c : plain) {
    if (c == '<')
      safe += "&lt;";
    else if (c == '>')
      safe += "&gt;";
    else if (c == '&')
      safe += "&amp;";
    else if (c == '"')
      safe += "&quot;";
    else
      safe += c;
  }
  return safe;
}

struct Range {
  double low = std::numeric_limits<double>::infinity(), high = -low;

  void take(double value) { low = std::min(low, value), high = std::max(high, value); }
  double place(double value) const { return high > low ? (value - low) / (high - low) : 0.5; }
};

std::string label(double x, double y, const char* anchor, const std::string& what) {
  return text("<text x=\"%.0f\" y=\"%.0f\" ", x, y) + "text-anchor=\"" + anchor + "\">" + escaped(what) + "</text>";
}

std::string chart(const std::string& name, const std::vector<ChartPoint>& points) {
  Range steps, values;
  for (const auto& point : points) {
    const auto found = point.values.find(name);
    if (found == point.values.end() || !std::isfinite(found->second)) continue;
    steps.take(static_cast<double>(point.step));
    values.take(found->second);
  }
  std::string line;
  for (const auto& point : points) {
    const auto found = point.values.find(name);
    if (found == point.values.end() || !std::isfinite(found->second)) continue;
    const double x = kLeft + steps.place(static_cast<double>(point.step)) * (kWidth - kLeft - 8);
    const double y = kTop + (1 - values.place(found->second)) * (kHeight - kTop - kBottom);
    line += text("%.1f,%.1f ", x, y);
  }
  return "<h2>" + escaped(name) + "</h2>\n" + text("<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\">", kWidth, kHeight) +
         label(kLeft - 6, kTop + 10, "end", text("%.4g", values.high)) +
         label(kLeft - 6, kHeight - kBottom, "end", text("%.4g", values.low)) +
         label(kLeft, kHeight - 6, "start", "step " + text("%.0f", steps.low)) +
         label(kWidth - 8, kHeight - 6, "end", text("%.0f", steps.high)) + "<polyline points=\"" + line +
         "\"/></svg>\n";
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
  std::string page =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + escaped(title) +
      "</title><style>body{font:15px sans-serif;max-width:70em;margin:2em auto;padding:0 "
      "1em}h2{font-size:1em;margin:1em "
      "0 0}svg{width:100%;max-width:640px;background:#f6f6f4}polyline{fill:none;stroke:#1f4e79;stroke-width:1.5}text{"
      "font-size:11px;fill:#444}img{max-width:100%}</style></head><body>\n<h1>" +
      escaped(title) + "</h1>\n";
  if (!preview.empty()) page += "<img src=\"" + escaped(preview) + "\" alt=\"what the model paints so far\">\n";
  if (history.points().empty()) return page + "<p>No steps yet.</p></body></html>\n";
  for (const auto& [name, value] : history.points().back().values) page += chart(name, history.points());
  return page + "</body></html>\n";
}

}  // namespace atelier
