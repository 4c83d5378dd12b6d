#include "evaluation/comparison_report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <utility>

#include "core/markup.h"
#include "evaluation/evaluation_report.h"
#include "evaluation/report_parts.h"
#include "media/contact_sheet.h"
#include "report/html_page.h"
#include "report/svg_chart.h"

namespace atelier {
namespace {

constexpr int kUsualColumns = 5, kPagePicture = 480;
constexpr const char* kNotReached = "stopped before its turn";

struct Figure {
  const char* name;
  const char* summary;
  double ComparisonCell::*value;
};

constexpr std::array kFigures = {
    Figure{"style", "distance from the style, as a share of the photo's; lower is nearer", &ComparisonCell::style},
    Figure{"content", "distance from the photo's features; lower is nearer", &ComparisonCell::content},
    Figure{"ssim", "structural similarity with the photo; higher is nearer", &ComparisonCell::ssim},
    Figure{"seconds", "from file to file", &ComparisonCell::seconds}};

std::string short_name(const std::string& file) { return std::filesystem::path(file).stem().string(); }

std::string note_of(const ComparisonCell& cell) {
  if (!cell.fault.empty()) return cell.fault;
  return cell.picture.empty() ? kNotReached : "";
}

SheetCell picture_cell(const std::string& label, const std::string& file, int side, std::vector<std::string>& blanks) {
  auto shown = shown_picture(file, side);
  if (!shown.fault.empty()) blanks.push_back(shown.fault);
  return {label, std::move(shown.image), std::move(shown.fault), {}};
}

SheetCell sheet_cell(const std::string& label, const ComparisonCell& cell, int side, std::vector<std::string>& blanks) {
  if (cell.picture.empty()) return {label, {}, note_of(cell), {}};
  auto made = picture_cell(label, cell.picture, side, blanks);
  made.figures = figure_lines(cell);
  if (!cell.fault.empty() && cell.fault != made.note) made.figures.push_back(cell.fault);
  return made;
}

struct Mean {
  double value = std::numeric_limits<double>::quiet_NaN();
  std::size_t over = 0;  ///< pictures
};

/// NaN when the method painted no picture.
Mean mean_of(const Comparison& comparison, std::size_t method, double ComparisonCell::*value) {
  double sum = 0;
  Mean mean;
  for (const auto& row : comparison.cells) {
    const double one = row[method].*value;
    if (!row[method].picture.empty() && std::isfinite(one)) sum += one, ++mean.over;
  }
  if (mean.over > 0) mean.value = sum / static_cast<double>(mean.over);
  return mean;
}

/// So many columns, at most kUsualColumns, that the rows are of about one length.
int even_columns(int pictures) {
  const int rows = (pictures + kUsualColumns - 1) / kUsualColumns;
  return (pictures + rows - 1) / rows;
}

std::string mean_table(const Comparison& comparison) {
  std::string rows = "<table><tr><th>method</th>";
  for (const auto& figure : kFigures) rows += std::string("<th>") + figure.name + "</th>";
  rows += "</tr>\n";
  for (std::size_t m = 0; m < comparison.labels.size(); ++m) {
    rows += "<tr><td>" + markup_escaped(comparison.labels[m]) + "</td>";
    for (const auto& figure : kFigures) {
      const auto mean = mean_of(comparison, m, figure.value);
      rows += mean_cell(mean.value, mean.over, comparison.cells.size());
    }
    rows += "</tr>\n";
  }
  return rows + "</table>\n";
}

std::string charts(const Comparison& comparison) {
  std::string all;
  for (const auto& figure : kFigures) {
    std::vector<ChartBar> bars;
    for (std::size_t m = 0; m < comparison.labels.size(); ++m)
      bars.push_back({comparison.labels[m], mean_of(comparison, m, figure.value).value});
    all += headed_chart(figure.name, figure.summary, bar_chart(bars));
  }
  return "<div class=\"charts\">\n" + all + "</div>\n";
}

std::string fault_text(const std::string& fault) {
  return fault.empty() ? "" : "<br><span class=\"fault\">" + markup_escaped(fault) + "</span>";
}

std::string figure(const std::string& picture, const std::string& label, const std::string& below) {
  return "<figure>" + picture + "<figcaption><b>" + markup_escaped(label) + "</b>" + below + "</figcaption></figure>\n";
}

std::string page_picture(const std::string& file, const std::string& label,
                         const std::vector<std::string>& figures = {}, const std::string& fault = "") {
  const auto shown = shown_picture(file, kPagePicture);
  std::string below = fault_text(shown.fault);
  for (const auto& line : figures) below += "<br>" + markup_escaped(line);
  if (fault != shown.fault) below += fault_text(fault);
  if (!shown.fault.empty()) return figure("", label, below);
  return figure("<img src=\"" + embedded_picture(shown.image) + "\" alt=\"" + markup_escaped(label) + "\">", label,
                below);
}

std::string page_cell(const std::string& label, const ComparisonCell& cell) {
  if (cell.picture.empty()) return figure("", label, fault_text(note_of(cell)));
  return page_picture(cell.picture, label, figure_lines(cell), cell.fault);
}

std::string page_row(const Comparison& comparison, std::size_t content) {
  const auto& photo = comparison.contents[content];
  std::string row = "<h2>" + markup_escaped(short_name(photo)) + "</h2>\n<div class=\"pictures\">\n" +
                    page_picture(photo, "photo") + page_picture(comparison.style, "painting");
  for (std::size_t m = 0; m < comparison.labels.size(); ++m)
    row += page_cell(comparison.labels[m], comparison.cells[content][m]);
  return row + "</div>\n";
}

}  // namespace

std::vector<std::string> figure_lines(const ComparisonCell& cell) {
  char time[32];
  std::snprintf(time, sizeof time, cell.seconds < 10 ? "%.1f s" : "%.0f s", cell.seconds);
  return {"style " + shown_value(cell.style) + "  content " + shown_value(cell.content),
          "ssim " + shown_value(cell.ssim) + "  " + time};
}

ComparisonSheet comparison_sheet(const Comparison& comparison, int columns, int cell) {
  const int needed = static_cast<int>(comparison.labels.size()) + 2;
  const bool several = comparison.contents.size() > 1;
  ComparisonSheet sheet;
  const auto painting = picture_cell(short_name(comparison.style), comparison.style, cell, sheet.blanks);
  std::vector<SheetCell> cells;
  for (std::size_t c = 0; c < comparison.contents.size(); ++c) {
    const auto& photo = comparison.contents[c];
    cells.push_back(picture_cell(short_name(photo), photo, cell, sheet.blanks));
    cells.push_back(painting);
    for (std::size_t m = 0; m < comparison.labels.size(); ++m)
      cells.push_back(sheet_cell(comparison.labels[m], comparison.cells[c][m], cell, sheet.blanks));
  }
  sheet.picture = contact_sheet(cells, {several       ? needed
                                        : columns > 0 ? std::min(needed, columns)
                                                      : even_columns(needed),
                                        cell});
  return sheet;
}

std::string comparison_html(const Comparison& comparison) {
  std::string body;
  if (!comparison.complete) body += "<p>Stopped before the last picture.</p>\n";
  body += mean_table(comparison);
  for (std::size_t c = 0; c < comparison.contents.size(); ++c) body += page_row(comparison, c);
  return html_page("Comparison of methods", body + charts(comparison));
}

}  // namespace atelier
