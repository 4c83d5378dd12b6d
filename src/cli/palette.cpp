#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "atelier/error.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"
#include "core/atomic_file.h"
#include "core/counted.h"
#include "core/json_text.h"
#include "core/printable.h"
#include "media/image_file.h"
#include "palette/cluster_map.h"
#include "palette/dbscan.h"
#include "palette/hierarchical.h"
#include "palette/kmeans.h"
#include "report/distribution_chart.h"

namespace atelier::cli {
namespace {

struct Wanted {
  std::vector<std::string> pictures;
  std::string cluster = "dbscan", space = "rgb", linkage = "ward", map, map_colour = "label", chart;
  DbscanOptions dbscan;
  int clusters = 8, size = 0, swatches = 16;
  std::uint64_t seed = 0;
  bool json = false;
};

ColourSpace space_of(const Wanted& wanted) { return wanted.space == "lab" ? ColourSpace::kLab : ColourSpace::kRgb; }

ColourClusters clustered(const std::vector<std::uint8_t>& pixels, const Wanted& wanted) {
  const auto space = space_of(wanted);
  if (wanted.cluster == "kmeans") return kmeans_colours(pixels, {wanted.clusters, space, wanted.seed});
  if (wanted.cluster == "hierarchical")
    return hierarchical_colours(
        pixels, {wanted.clusters, space, wanted.linkage == "average" ? Linkage::kAverage : Linkage::kWard});
  return cluster_colours(pixels, {wanted.dbscan.eps, wanted.dbscan.min_points, space});
}

std::string formatted(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

Rgb8 mean_of(const ColourCluster& cluster) {
  Rgb8 rgb{};
  for (std::size_t c = 0; c < 3; ++c) rgb[c] = static_cast<std::uint8_t>(cluster.mean[c] + 0.5);
  return rgb;
}

std::string hexadecimal(const Rgb8& rgb) {
  char text[8];
  std::snprintf(text, sizeof text, "#%02x%02x%02x", rgb[0], rgb[1], rgb[2]);
  return text;
}

double share(std::uint64_t pixels, const ColourClusters& found) {
  return 100 * static_cast<double>(pixels) / static_cast<double>(found.pixels);
}

/// Clusters by falling share.
std::vector<std::size_t> by_share(const ColourClusters& found) {
  std::vector<std::size_t> order(found.clusters.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return found.clusters[a].pixels > found.clusters[b].pixels; });
  return order;
}

/// Two columns of a terminal in the cluster's colour; nothing where no terminal would show it.
std::string swatch(const Rgb8& rgb) {
  if (!output_shows_colours()) return "";
  char text[48];
  std::snprintf(text, sizeof text, "\x1b[48;2;%d;%d;%dm    \x1b[0m ", rgb[0], rgb[1], rgb[2]);
  return text;
}

std::string as_text(const std::string& picture, const ColourClusters& found, const Wanted& wanted) {
  std::string text = one_line_utf8(picture, 400) + ": " + counted(found.clusters.size(), "cluster") + " of " +
                     std::to_string(found.colours.size()) + " colours";
  if (wanted.cluster == "dbscan") text += ", noise " + formatted("%.1f %%", share(found.noise, found));
  text += "\n";
  const auto order = by_share(found);
  const auto shown = std::min(order.size(), static_cast<std::size_t>(wanted.swatches));
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& cluster = found.clusters[order[i]];
    text += "  " + swatch(mean_of(cluster)) + hexadecimal(mean_of(cluster)) +
            formatted("%7.2f %%", share(cluster.pixels, found)) + "  " + counted(cluster.colours, "colour") + "\n";
  }
  if (shown < order.size()) text += "  and " + std::to_string(order.size() - shown) + " smaller ones (--swatches N)\n";
  return text;
}

std::string as_json(const std::string& picture, const ColourClusters& found, const Wanted& wanted) {
  nlohmann::ordered_json json = {
      {"picture", picture},     {"cluster", wanted.cluster},       {"space", wanted.space},
      {"pixels", found.pixels}, {"colours", found.colours.size()}, {"count", found.clusters.size()},
      {"noise", found.noise}};
  if (wanted.cluster == "dbscan") {
    json["eps"] = wanted.dbscan.eps;
    json["min_points"] = wanted.dbscan.min_points;
  }
  json["clusters"] = nlohmann::ordered_json::array();
  for (std::size_t k = 0; k < found.clusters.size(); ++k) {
    const auto& cluster = found.clusters[k];
    json["clusters"].push_back({{"number", k},
                                {"mean", cluster.mean},
                                {"hex", hexadecimal(mean_of(cluster))},
                                {"pixels", cluster.pixels},
                                {"share", share(cluster.pixels, found) / 100},
                                {"colours", cluster.colours}});
  }
  return json_text(json) + "\n";
}

void write_chart(const std::string& path, const std::vector<Distribution>& pictures) {
  if (std::filesystem::path(path).extension() != ".svg") return write_image(path, distribution_picture(pictures));
  AtomicFile file{std::filesystem::path(path)};
  file.write(distribution_svg(pictures));
  file.commit();
}

void check(const Wanted& wanted) {
  require(wanted.map.empty() || wanted.pictures.size() == 1, "--map shows one picture; name a single one");
  for (const auto& output : {wanted.map, wanted.chart})
    for (const auto& picture : wanted.pictures) {
      std::error_code ignored;
      require(output.empty() || !std::filesystem::equivalent(output, picture, ignored),
              "the output \"" + output + "\" is the picture itself; give another name");
    }
  if (!wanted.map.empty()) check_output(wanted.map);
  if (!wanted.chart.empty() && std::filesystem::path(wanted.chart).extension() != ".svg") check_output(wanted.chart);
}

int run(const Wanted& wanted) {
  check(wanted);
  std::vector<Distribution> distributions;
  for (const auto& picture : wanted.pictures) {
    if (interrupted()) throw Error("stopped; no chart was written", ErrorKind::kStopped);
    const auto image = read_image(picture, {.max_side = wanted.size});
    const auto pixels = to_bytes(image);
    const auto found = clustered(pixels, wanted);
    say(wanted.json ? as_json(picture, found, wanted) : as_text(picture, found, wanted));
    if (!wanted.map.empty())
      write_image(wanted.map, cluster_map(pixel_labels(pixels, found), image.width, found,
                                          wanted.map_colour == "mean" ? MapColour::kMean : MapColour::kLabel));
    if (!wanted.chart.empty())
      distributions.push_back({std::filesystem::path(picture).filename().string(), pixel_categories(found.colours)});
  }
  if (!wanted.chart.empty()) write_chart(wanted.chart, distributions);
  return 0;
}

}  // namespace

Run describe_palette(CLI::App& app, const Arguments&) {
  const auto wanted = std::make_shared<Wanted>();
  app.add_option("PICTURE", wanted->pictures, "pictures whose colours to count")->required();
  app.add_option("--cluster", wanted->cluster,
                 "dbscan finds how many clusters there are; kmeans and hierarchical "
                 "make as many as --clusters says")
      ->type_name("NAME")
      ->check(CLI::IsMember({"dbscan", "kmeans", "hierarchical"}));
  app.add_option("--eps", wanted->dbscan.eps, "dbscan: colours this near are neighbours (2)")->type_name("X");
  app.add_option("--min-points", wanted->dbscan.min_points, "dbscan: pixels near a colour that make it a core (10)")
      ->type_name("N");
  app.add_option("--clusters", wanted->clusters, "kmeans, hierarchical: how many (8)")->type_name("N");
  app.add_option("--linkage", wanted->linkage, "hierarchical: ward or average")
      ->type_name("NAME")
      ->check(CLI::IsMember({"ward", "average"}));
  app.add_option("--space", wanted->space, "where distances are measured: rgb (0 to 255) or lab")
      ->type_name("NAME")
      ->check(CLI::IsMember({"rgb", "lab"}));
  app.add_option("--seed", wanted->seed, "kmeans: of the first centres")->type_name("N");
  app.add_option("--size", wanted->size, "shrink to this longer side first (0: never)")
      ->type_name("N")
      ->check(CLI::Range(0, 65535));
  app.add_option("--swatches", wanted->swatches, "list so many clusters (16)")
      ->type_name("N")
      ->check(CLI::Range(0, 1'000'000));
  app.add_option("--map", wanted->map, "write a picture of the clusters")->type_name("FILE");
  app.add_option("--map-color", wanted->map_colour, "colours of the map: one per label, or the mean of each cluster")
      ->type_name("NAME")
      ->check(CLI::IsMember({"label", "mean"}));
  app.add_option("--chart", wanted->chart, "draw how the pixels spread over the colours, .svg or a picture")
      ->type_name("FILE");
  app.add_flag("--json", wanted->json, "one JSON object per picture");
  app.footer("Example:\n  atelier palette photo.jpg --map clusters.png --chart colours.svg\n");
  return [wanted] { return run(*wanted); };
}

}  // namespace atelier::cli
