#include "evaluation/evaluation_report.h"

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/counted.h"
#include "core/json_text.h"
#include "core/markup.h"
#include "evaluation/report_parts.h"
#include "report/html_page.h"
#include "report/svg_chart.h"

namespace atelier {
namespace {

using nlohmann::ordered_json;

constexpr int kThumbnail = 120;

std::string quoted(const std::string& field) {
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  std::string safe = "\"";
  for (const char c : field) safe += c == '"' ? "\"\"" : std::string(1, c);
  return safe + "\"";
}

std::string exact(double value) {
  if (std::isnan(value)) return "";
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

std::vector<double> means(const Evaluation& evaluation) {
  std::vector<double> all;
  for (std::size_t i = 0; i < evaluation.metrics.size(); ++i) all.push_back(mean_of(evaluation, i));
  return all;
}

const char* better_text(Better better) {
  switch (better) {
    case Better::kLower: return "lower";
    case Better::kHigher: return "higher";
    case Better::kNeither: break;
  }
  return "neither";
}

ordered_json number(double value) { return std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr); }

ordered_json by_name(const Evaluation& evaluation, const std::vector<double>& values) {
  auto scores = ordered_json::object();
  for (std::size_t i = 0; i < values.size(); ++i) scores[evaluation.metrics[i].name] = number(values[i]);
  return scores;
}

ordered_json counts_of_means(const Evaluation& evaluation) {
  auto counts = ordered_json::object();
  for (std::size_t i = 0; i < evaluation.metrics.size(); ++i)
    counts[evaluation.metrics[i].name] = counted_in_mean(evaluation, i);
  return counts;
}

ordered_json as_json(const Evaluation& evaluation, const PictureScores& picture) {
  ordered_json row = {{"result", picture.files.result}};
  if (!picture.files.content.empty()) row["content"] = picture.files.content;
  if (!picture.files.style.empty()) row["style"] = picture.files.style;
  if (!picture.files.reference.empty()) row["reference"] = picture.files.reference;
  row["scores"] = by_name(evaluation, picture.values);
  if (!picture.style_ratio_per_tap.empty()) row["style_ratio_per_tap"] = picture.style_ratio_per_tap;
  if (!picture.notes.empty()) row["notes"] = picture.notes;
  return row;
}

std::string short_name(const std::string& file) { return std::filesystem::path(file).stem().string(); }

std::string taken_against(const Evaluation& evaluation, const MetricInfo& metric) {
  const auto what = against(metric, evaluation.given);
  return what.empty() ? "" : ", against the " + what;
}

std::string headline(const Evaluation& evaluation) {
  const auto count = evaluation.pictures.size();
  std::string text = "<p>" + counted(count, "picture");
  if (!evaluation.complete) text += " (stopped before the last)";
  if (const auto failed = count_failed(evaluation); failed > 0)
    text += ", of which " + std::to_string(failed) + " could not be measured";
  return text + "; features of " + markup_escaped(evaluation.settings.encoder) + " at " +
         std::to_string(evaluation.settings.size) + " pixels, everything else at the pictures' own size.</p>\n";
}

ordered_json as_json(const CriticReport& critic) {
  const auto& found = critic.accuracy;
  return {{"name", critic.name},
          {"threshold", critic.threshold},
          {"accuracy", found.accuracy},
          {"accuracy_on_real", found.real},
          {"accuracy_on_made", found.fake},
          {"best_accuracy", found.best_accuracy},
          {"best_threshold", found.best_threshold},
          {"verdicts_on_real", critic.on_real}};
}

std::string mean_table(const Evaluation& evaluation) {
  std::string rows = "<table><tr><th>metric</th><th>mean</th><th>better</th><th class=\"text\">what it is</th></tr>\n";
  for (std::size_t i = 0; i < evaluation.metrics.size(); ++i) {
    const auto& metric = evaluation.metrics[i];
    rows += std::string("<tr><td>") + metric.name + "</td>" +
            mean_cell(mean_of(evaluation, i), counted_in_mean(evaluation, i), evaluation.pictures.size()) + "<td>" +
            better_text(metric.better) + "</td><td class=\"text\">" + markup_escaped(metric.summary) +
            taken_against(evaluation, metric) + "</td></tr>\n";
  }
  return rows + "</table>\n";
}

std::string metric_charts(const Evaluation& evaluation) {
  std::string charts;
  for (std::size_t i = 0; i < evaluation.metrics.size(); ++i) {
    std::vector<ChartBar> bars;
    for (const auto& picture : evaluation.pictures)
      bars.push_back({short_name(picture.files.result), picture.values[i]});
    charts += headed_chart(evaluation.metrics[i].name, evaluation.metrics[i].summary, bar_chart(bars));
  }
  return charts;
}

/// Mean over the pictures that have one; rows of another length (smaller pictures) are left out.
ChartLine mean_spectrum(const std::string& name, const Evaluation& evaluation,
                        std::vector<double> PictureScores::*spectrum) {
  std::vector<double> sum;
  double counted = 0;
  for (const auto& picture : evaluation.pictures) {
    const auto& one = picture.*spectrum;
    if (one.empty() || (!sum.empty() && one.size() != sum.size())) continue;
    sum.resize(one.size());
    for (std::size_t k = 0; k < one.size(); ++k) sum[k] += one[k];
    ++counted;
  }
  ChartLine line{name, {}};
  for (std::size_t k = 0; k < sum.size(); ++k)
    line.points.emplace_back(static_cast<double>(k + 1) / (2 * static_cast<double>(sum.size())), sum[k] / counted);
  return line;
}

std::string spectrum_chart(const Evaluation& evaluation) {
  std::vector<ChartLine> lines = {mean_spectrum("results", evaluation, &PictureScores::spectrum)};
  auto manner =
      mean_spectrum(evaluation.given.reference ? "references" : "styles", evaluation, &PictureScores::manner_spectrum);
  if (!manner.points.empty()) lines.push_back(std::move(manner));
  return headed_chart("radial power spectrum", "dB, over cycles a pixel", line_chart(lines, "cycles"));
}

std::string thumbnail(const std::string& file) {
  if (file.empty()) return "";
  const auto shown = shown_picture(file, kThumbnail);
  if (!shown.fault.empty()) return "<td></td>";
  return "<td><img src=\"" + embedded_picture(shown.image) + "\" alt=\"" + markup_escaped(short_name(file)) +
         "\"></td>";
}

std::string picture_row(const PictureScores& picture) {
  std::string row = "<tr><td>" + markup_escaped(picture.files.result);
  for (const auto& note : picture.notes) row += "<br><span class=\"fault\">" + markup_escaped(note) + "</span>";
  row += "</td>" + thumbnail(picture.files.result) + thumbnail(picture.files.content) + thumbnail(picture.files.style) +
         thumbnail(picture.files.reference);
  for (const double value : picture.values) row += "<td>" + shown_value(value) + "</td>";
  return row + "</tr>\n";
}

std::string picture_table(const Evaluation& evaluation) {
  std::string head = "<tr><th>picture</th><th>result</th>";
  if (evaluation.given.content) head += "<th>content</th>";
  if (evaluation.given.style) head += "<th>style</th>";
  if (evaluation.given.reference) head += "<th>reference</th>";
  for (const auto& metric : evaluation.metrics) head += std::string("<th>") + metric.name + "</th>";
  std::string rows;
  for (const auto& picture : evaluation.pictures) rows += picture_row(picture);
  return "<h2>pictures</h2>\n<div class=\"wide\"><table>" + head + "</tr>\n" + rows + "</table></div>\n";
}

}  // namespace

std::string shown_value(double value) {
  if (std::isnan(value)) return "–";
  char text[32];
  std::snprintf(text, sizeof text, std::abs(value) < 10 ? "%.3f" : std::abs(value) < 100 ? "%.2f" : "%.0f", value);
  return text;
}

std::string critic_line(const Evaluation& evaluation) {
  if (!evaluation.critic) return "";
  const auto& found = evaluation.critic->accuracy;
  return "critic accuracy " + shown_value(found.accuracy) + "  real " + shown_value(found.real) + "  made " +
         shown_value(found.fake) + "  best " + shown_value(found.best_accuracy) + " at " +
         shown_value(found.best_threshold);
}

std::string evaluation_csv(const Evaluation& evaluation) {
  std::string text = "result,content,style,reference";
  for (const auto& metric : evaluation.metrics) text += std::string(",") + metric.name;
  text += "\n";
  for (const auto& picture : evaluation.pictures) {
    text += quoted(picture.files.result) + "," + quoted(picture.files.content) + "," + quoted(picture.files.style) +
            "," + quoted(picture.files.reference);
    for (const double value : picture.values) text += "," + exact(value);
    text += "\n";
  }
  text += "mean,,,";
  for (const double mean : means(evaluation)) text += "," + exact(mean);
  return text + "\n";
}

std::string evaluation_json(const Evaluation& evaluation) {
  ordered_json json = {{"encoder", evaluation.settings.encoder},
                       {"size", evaluation.settings.size},
                       {"complete", evaluation.complete},
                       {"metrics", ordered_json::array()},
                       {"pictures", ordered_json::array()}};
  for (const auto& metric : evaluation.metrics)
    json["metrics"].push_back({{"name", metric.name},
                               {"summary", metric.summary},
                               {"against", against(metric, evaluation.given)},
                               {"better", better_text(metric.better)}});
  for (const auto& picture : evaluation.pictures) json["pictures"].push_back(as_json(evaluation, picture));
  json["mean"] = by_name(evaluation, means(evaluation));
  json["mean_over"] = counts_of_means(evaluation);
  if (evaluation.critic) json["critic"] = as_json(*evaluation.critic);
  return json_text(json, 2) + "\n";
}

std::string evaluation_html(const Evaluation& evaluation) {
  const auto critic = critic_line(evaluation);
  return html_page("Evaluation", headline(evaluation) + mean_table(evaluation) +
                                     (critic.empty() ? "" : "<p>" + critic + "</p>\n") + picture_table(evaluation) +
                                     "<div class=\"charts\">\n" + metric_charts(evaluation) +
                                     spectrum_chart(evaluation) + "</div>\n");
}

}  // namespace atelier
