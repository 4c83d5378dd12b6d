#include "experiments/colour_count_report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/json_text.h"
#include "core/markup.h"
#include "media/contact_sheet.h"
#include "media/image_file.h"
#include "palette/cluster_map.h"
#include "palette/dbscan.h"
#include "palette/pixel_categories.h"
#include "report/distribution_chart.h"
#include "report/html_page.h"

namespace atelier {
namespace {

constexpr int kCell = 160;
constexpr std::size_t kCharts = 5;

std::string shown(double value, int digits = 4) {
  if (!std::isfinite(value)) return "–";
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string row(const std::vector<std::string>& cells, const char* tag = "td") {
  std::string text = "<tr>";
  for (const auto& cell : cells) text += std::string("<") + tag + ">" + markup_escaped(cell) + "</" + tag + ">";
  return text + "</tr>\n";
}

std::vector<std::string> names(const ColourCountOutcome& outcome, const std::string& first) {
  std::vector<std::string> all = {first};
  for (const auto& variant : outcome.variants) all.push_back(variant.name);
  return all;
}

std::string sample_table(const ColourCountOutcome& outcome) {
  std::string text = "<h2>Table 1: SSIM to the target, seed 1</h2>\n<table>\n" + row(names(outcome, "sample"), "th");
  for (std::size_t i = 0; i < outcome.photos.size(); ++i) {
    std::vector<std::string> cells = {std::to_string(i + 1)};
    for (const auto& variant : outcome.variants) cells.push_back(shown(variant.runs[0].ssim[i]));
    text += row(cells);
  }
  std::vector<std::string> means = {"mean"};
  for (const auto& variant : outcome.variants) means.push_back(shown(mean_ssim(variant)[0]));
  return text + row(means, "th") + "</table>\n";
}

std::string colour_table(const ColourCountOutcome& outcome) {
  auto heads = names(outcome, "sample");
  heads.insert(heads.begin() + 1, "target");
  std::string text = "<h2>Colours by DBSCAN (eps 2, 10 points), seed 1</h2>\n<table>\n" + row(heads, "th");
  for (std::size_t i = 0; i < outcome.photos.size(); ++i) {
    std::vector<std::string> cells = {std::to_string(i + 1), std::to_string(outcome.target_colours[i])};
    for (const auto& variant : outcome.variants) cells.push_back(std::to_string(variant.runs[0].colours[i]));
    text += row(cells);
  }
  return text + "</table>\n";
}

std::string with_interval(const std::vector<double>& values, int digits) {
  const auto interval = confidence(values);
  return shown(interval.mean, digits) + " ± " + shown(interval.half_width, digits);
}

std::vector<double> differences(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> all;
  for (std::size_t i = 0; i < a.size(); ++i) all.push_back(a[i] - b[i]);
  return all;
}

std::string seed_table(const ColourCountOutcome& outcome) {
  std::string text =
      "<h2>Means over " + std::to_string(outcome.settings.seeds) +
      " seeds, with 95 % confidence intervals</h2>\n<table>\n" +
      row({"colour-count loss", "SSIM", "SSIM less that without", "colours off by", "colours off less that without"},
          "th");
  const auto& without = outcome.variants.front();
  const auto ssim_without = mean_ssim(without), off_without = mean_colours_off(without, outcome.target_colours);
  for (const auto& variant : outcome.variants) {
    const auto ssim = mean_ssim(variant), off = mean_colours_off(variant, outcome.target_colours);
    text += row({variant.name, with_interval(ssim, 4), with_interval(differences(ssim, ssim_without), 4),
                 with_interval(off, 1), with_interval(differences(off, off_without), 1)});
  }
  return text + "</table>\n<p>Intervals of differences are those of the differences within a seed.</p>\n";
}

Image clusters_of(const Image& image) {
  const auto bytes = to_bytes(image);
  const auto clusters = cluster_colours(bytes);
  return cluster_map(pixel_labels(bytes, clusters), image.width, clusters, MapColour::kLabel);
}

Image distributions(const ColourCountOutcome& outcome, std::size_t sample) {
  std::vector<Distribution> pictures;
  const auto add = [&](const std::string& name, const Image& image) {
    pictures.push_back({name, pixel_categories(count_colours(to_bytes(image)))});
  };
  add("target " + std::to_string(sample + 1), outcome.targets[sample]);
  for (const auto& variant : outcome.variants) add(variant.name, variant.runs[0].pictures[sample]);
  return distribution_picture(pictures);
}

std::string settings_text(const ColourCountOutcome& outcome) {
  const auto& settings = outcome.settings;
  return "<p>" + markup_escaped(settings.method) + ", width " + shown(settings.width, 3) + ", " +
         std::to_string(outcome.pairs_learnt) + " pairs learnt and " + std::to_string(outcome.photos.size()) +
         " held out, " + std::to_string(settings.side) + " × " + std::to_string(settings.side) + " pixels, batch " +
         std::to_string(settings.batch) + ", " + std::to_string(settings.steps) + " steps, of which " +
         std::to_string(settings.first_steps) + " without critic; weight of the colour-count loss " +
         shown(settings.weight, 3) +
         ". The literal loss is a constant for the generator: with equal steps it must give " +
         "the very numbers of the run without it.</p>\n";
}

nlohmann::json as_json(const ColourCountRun& run) {
  return {{"seed", run.seed}, {"steps", run.steps}, {"ssim", run.ssim}, {"colours", run.colours}};
}

void write(const std::filesystem::path& path, const std::string& text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

}  // namespace

Image colour_count_figure(const ColourCountOutcome& outcome, bool cluster_maps) {
  std::vector<SheetCell> cells;
  const auto add = [&](const std::string& label, const Image& image, const std::string& figure) {
    cells.push_back({label, cluster_maps ? clusters_of(image) : image, "", {figure}});
  };
  for (std::size_t i = 0; i < outcome.photos.size(); ++i) {
    add("photo " + std::to_string(i + 1), outcome.photos[i],
        std::to_string(count_colour_clusters(to_bytes(outcome.photos[i]))) + " colours");
    add("target", outcome.targets[i], std::to_string(outcome.target_colours[i]) + " colours");
    for (const auto& variant : outcome.variants) {
      const auto& run = variant.runs[0];
      add(variant.name, run.pictures[i], std::to_string(run.colours[i]) + " colours, SSIM " + shown(run.ssim[i], 3));
    }
  }
  return contact_sheet(cells, {.columns = 2 + static_cast<int>(outcome.variants.size()), .cell = kCell});
}

std::string colour_count_page(const ColourCountOutcome& outcome) {
  const auto picture = [](const Image& image) {
    return "<p><img alt=\"\" src=\"" + embedded_picture(image) + "\"></p>\n";
  };
  auto body = settings_text(outcome) + seed_table(outcome) + sample_table(outcome) + colour_table(outcome);
  body += "<h2>Figure 1: pictures, seed 1</h2>\n" + picture(colour_count_figure(outcome, false));
  body += "<h2>Figure 2: how many pixels each category of colours has, seed 1</h2>\n";
  for (std::size_t i = 0; i < std::min(kCharts, outcome.photos.size()); ++i) body += picture(distributions(outcome, i));
  body += "<h2>Figure 3: clusters, noise in black</h2>\n" + picture(colour_count_figure(outcome, true));
  return html_page("Colour-count loss: the experiment repeated", body);
}

std::string colour_count_json(const ColourCountOutcome& outcome) {
  nlohmann::json json = {{"target_colours", outcome.target_colours}};
  for (const auto& variant : outcome.variants) {
    const auto ssim = confidence(mean_ssim(variant));
    const auto off = confidence(mean_colours_off(variant, outcome.target_colours));
    auto& entry = json["variants"][variant.name];
    entry = {{"ssim", ssim.mean}, {"colours_off", off.mean}};
    if (variant.runs.size() > 1) entry["ssim_half_width"] = ssim.half_width, entry["off_half_width"] = off.half_width;
    for (const auto& run : variant.runs) entry["runs"].push_back(as_json(run));
  }
  return json_text(json, 2) + "\n";
}

void write_colour_count_report(const ColourCountOutcome& outcome, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  write_image((folder / "pictures.png").string(), colour_count_figure(outcome, false));
  write_image((folder / "distributions.png").string(), distributions(outcome, 0));
  write_image((folder / "clusters.png").string(), colour_count_figure(outcome, true));
  write(folder / "outcome.json", colour_count_json(outcome));
  write(folder / "index.html", colour_count_page(outcome));
}

}  // namespace atelier
