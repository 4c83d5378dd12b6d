#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "evaluation/evaluate_pictures.h"
#include "media/encode_image.h"
#include "media/image_file.h"
#include "palette/cluster_map.h"
#include "palette/dbscan.h"
#include "server/exchange.h"
#include "server/job_request.h"
#include "server/refusal.h"
#include "server/region.h"

namespace atelier::server {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr int kPaletteSide = 512;  // of the picture whose colours are counted
constexpr std::size_t kSwatches = 24;
constexpr int kMeasuredSide = 512;
constexpr int kRegionSide = 512;
constexpr std::size_t kMostPlaces = 32;

struct Palette {
  std::vector<std::uint8_t> pixels;
  int width = 0;
  ColourClusters clusters;
};

Palette palette_of(const std::filesystem::path& file) {
  ReadOptions options;
  options.max_side = kPaletteSide;
  const Image image = read_image(file.string(), options);
  Palette palette{to_bytes(image), image.width, {}};
  palette.clusters = cluster_colours(palette.pixels);
  sort_by_share(palette.clusters);
  return palette;
}

ordered_json palette_json(const Palette& palette, const std::string& url) {
  const auto& found = palette.clusters;
  const auto share = [&](std::uint64_t pixels) {
    return static_cast<double>(pixels) / static_cast<double>(found.pixels);
  };
  ordered_json swatches = ordered_json::array();
  for (std::size_t i = 0; i < std::min(found.clusters.size(), kSwatches); ++i) {
    const auto& mean = found.clusters[i].mean;
    char rgb[8];
    std::snprintf(rgb, sizeof rgb, "#%02x%02x%02x", static_cast<unsigned>(std::lround(mean[0])) & 255U,
                  static_cast<unsigned>(std::lround(mean[1])) & 255U,
                  static_cast<unsigned>(std::lround(mean[2])) & 255U);
    swatches.push_back({{"rgb", rgb}, {"share", share(found.clusters[i].pixels)}});
  }
  return {{"clusters", found.clusters.size()},
          {"noise", share(found.noise)},
          {"colours", found.colours.size()},
          {"swatches", swatches},
          {"map", url}};
}

std::string palette_map(const Palette& palette) {
  const auto labels = pixel_labels(palette.pixels, palette.clusters);
  return encode_image("map.png", cluster_map(labels, palette.width, palette.clusters, MapColour::kMean));
}

std::filesystem::path result_of(const Exchange& exchange) {
  const auto job = exchange.job();
  if (!job.result)
    throw Refusal(409, "the job has no picture (it is " + std::string(name_of(job.state)) + "); wait until it is done");
  return exchange.studio.result_file(job.id);
}

std::filesystem::path uploaded(const Exchange& exchange) {
  return exchange.studio.pictures().file_of(exchange.picture());
}

void picture_palette(Exchange& exchange) {
  exchange.answer(palette_json(palette_of(uploaded(exchange)), "/api/pictures/" + exchange.part(0) + "/palette.png"));
}

void picture_palette_map(Exchange& exchange) {
  exchange.answer_picture(palette_map(palette_of(uploaded(exchange))), "image/png", true);
}

void job_palette(Exchange& exchange) {
  exchange.answer(palette_json(palette_of(result_of(exchange)), "/api/jobs/" + exchange.part(0) + "/palette.png"));
}

void job_palette_map(Exchange& exchange) {
  exchange.answer_picture(palette_map(palette_of(result_of(exchange))), "image/png", true);
}

/// Places as [[x, y], ...].
std::vector<Place> places_in(const json& posted, const std::string& field) {
  std::vector<Place> places;
  const json list = posted.value(field, json::array());
  const auto fault =
      "\"" + field + "\" is no list of places; send [[0.5, 0.5]], at most " + std::to_string(kMostPlaces);
  require(list.is_array() && list.size() <= kMostPlaces, fault);
  for (const auto& place : list) {
    require(place.is_array() && place.size() == 2 && place[0].is_number() && place[1].is_number(), fault);
    places.push_back({place[0], place[1]});
  }
  return places;
}

/// {"x": 0 … 1, "y": 0 … 1, "shape": "object" or "superpixel", "also": places, "not": places}
void region(Exchange& exchange) {
  const auto file = uploaded(exchange).string();
  const json posted = posted_json(exchange.request.body);
  require(posted.is_object() && posted.contains("x") && posted["x"].is_number() && posted.contains("y") &&
              posted["y"].is_number(),
          "the body names no point; send {\"x\": 0.5, \"y\": 0.5, \"shape\": \"object\"}");
  const auto shape = posted.contains("shape") ? posted["shape"] : json("object");
  require(shape == "object" || shape == "superpixel", "there is no such shape; send \"object\" or \"superpixel\"");
  ReadOptions options;
  options.max_side = kRegionSide;
  auto wanted = places_in(posted, "also");
  wanted.push_back({posted["x"], posted["y"]});
  const Image mask = region_at(read_image(file, options), wanted, places_in(posted, "not"),
                               shape == "object" ? RegionShape::kObject : RegionShape::kSuperpixel);
  exchange.answer_picture(encode_image("mask.png", mask), "image/png", false);
}

ordered_json finite(double value) { return std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr); }

/// Content and style are measured against pictures: a style that a model has learnt has none here.
void job_metrics(Exchange& exchange) {
  const auto job = exchange.job();
  const auto file = result_of(exchange).string();
  const json posted = json::parse(job.request);
  const auto request = stylize_request(exchange.studio, posted);
  const bool painting = posted.at("styles").at(0).contains("picture");
  EvaluationSettings settings;
  settings.metrics = painting ? "ssim,style,content" : "ssim";
  settings.size = kMeasuredSide;
  const auto measured =
      evaluate_pictures({{file, request.content, painting ? request.styles.front().source : "", ""}}, settings);
  ordered_json answer = {{"ssim", nullptr}, {"style", nullptr}, {"content", nullptr}};
  for (std::size_t i = 0; i < measured.metrics.size(); ++i)
    answer[measured.metrics[i].name] = finite(measured.pictures.front().values[i]);
  for (const auto& note : measured.pictures.front().notes)
    exchange.studio.log("warning", "not measured", {{"job", job.id}, {"note", note}});
  answer["clusters"] = palette_of(file).clusters.clusters.size();
  answer["clusters_before"] = palette_of(request.content).clusters.clusters.size();
  exchange.answer(answer);
}

}  // namespace

std::vector<Route> view_routes() {
  return {{"POST", "/api/pictures/{id}/region", region},
          {"GET", "/api/pictures/{id}/palette", picture_palette},
          {"GET", "/api/pictures/{id}/palette.png", picture_palette_map},
          {"GET", "/api/jobs/{id}/palette", job_palette},
          {"GET", "/api/jobs/{id}/palette.png", job_palette_map},
          {"GET", "/api/jobs/{id}/metrics", job_metrics}};
}

}  // namespace atelier::server
