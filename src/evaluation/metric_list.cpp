#include "evaluation/metric_list.h"

#include <cmath>

#include "atelier/error.h"
#include "core/nearest_name.h"
#include "metrics/border.h"
#include "metrics/checkerboard.h"
#include "metrics/power_spectrum.h"
#include "metrics/psnr.h"
#include "metrics/seam.h"
#include "metrics/sliced_wasserstein.h"
#include "metrics/ssim.h"
#include "palette/dbscan.h"

namespace atelier {
namespace {

double colour_clusters(const Image& image) { return static_cast<double>(count_colour_clusters(to_bytes(image))); }

bool possible(Needs needs, const Given& given) {
  switch (needs) {
    case Needs::kNothing: return true;
    case Needs::kContent: return given.content;
    case Needs::kContentAndStyle: return given.content && given.style;
    case Needs::kReferenceOrContent: return given.reference || given.content;
    case Needs::kReferenceOrStyle: return given.reference || given.style;
    case Needs::kTile: return given.tile;
    case Needs::kCritic: return given.critic;
  }
  return false;
}

const char* wanted(Needs needs) {
  switch (needs) {
    case Needs::kContent: return "--content PHOTO";
    case Needs::kContentAndStyle: return "--content PHOTO and --style PAINTING";
    case Needs::kReferenceOrContent: return "--reference TRUTH or --content PHOTO";
    case Needs::kReferenceOrStyle: return "--reference TRUTH or --style PAINTING";
    case Needs::kTile: return "--tile N";
    case Needs::kCritic: return "--critic CHECKPOINT";
    case Needs::kNothing: break;
  }
  return "";
}

const MetricInfo& find_metric(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& metric : all_metrics()) {
    if (metric.name == name) return metric;
    names.emplace_back(metric.name);
  }
  throw Error("there is no metric \"" + name + "\"; " + did_you_mean(name, names, "atelier evaluate --help"));
}

}  // namespace

const std::vector<MetricInfo>& all_metrics() {
  static const std::vector<MetricInfo> metrics = {
      {"style", "distance of the Gram matrices from the style's, as a share of the photo's", Needs::kContentAndStyle,
       Better::kLower, [](const Subject& s) { return s.yardstick.value().style_ratio; }},
      {"content", "relative distance of the features at relu4_2 from the photo's", Needs::kContent, Better::kLower,
       [](const Subject& s) { return s.yardstick.value().content; }},
      {"gram", "relative distance of the Gram matrices from the style's", Needs::kContentAndStyle, Better::kLower,
       [](const Subject& s) { return s.yardstick.value().gram; }},
      {"ssim", "structural similarity, mean over R, G and B", Needs::kReferenceOrContent, Better::kHigher,
       [](const Subject& s) { return ssim(s.result, s.truth()); }},
      {"ssim-luma", "structural similarity of luma", Needs::kReferenceOrContent, Better::kHigher,
       [](const Subject& s) { return ssim(s.result, s.truth(), MetricColour::kLuma); }},
      {"ms-ssim", "structural similarity over five scales", Needs::kReferenceOrContent, Better::kHigher,
       [](const Subject& s) { return ms_ssim(s.result, s.truth()); }},
      {"gradient-ssim", "structural similarity of edges, of luma", Needs::kReferenceOrContent, Better::kHigher,
       [](const Subject& s) { return gradient_ssim(s.result, s.truth()); }},
      {"psnr", "peak signal-to-noise ratio in dB", Needs::kReferenceOrContent, Better::kHigher,
       [](const Subject& s) { return psnr(s.result, s.truth()); }},
      {"swd-lab", "sliced Wasserstein distance of the colours in L*a*b*", Needs::kReferenceOrStyle, Better::kLower,
       [](const Subject& s) { return sliced_wasserstein_lab(s.result, s.manner()); }},
      {"spectrum", "difference of the radial power spectra in dB", Needs::kReferenceOrStyle, Better::kLower,
       [](const Subject& s) { return spectrum_distance(s.result, s.manner()); }},
      {"palette", "number of colour clusters (DBSCAN, eps 2, 10 points)", Needs::kNothing, Better::kNeither,
       [](const Subject& s) { return colour_clusters(s.result); }},
      {"palette-difference", "how many colour clusters more or fewer", Needs::kReferenceOrStyle, Better::kLower,
       [](const Subject& s) { return std::abs(colour_clusters(s.result) - colour_clusters(s.manner())); }},
      {"checkerboard", "power at the frequencies of upsampling grids above their neighbours' in dB", Needs::kNothing,
       Better::kLower, [](const Subject& s) { return checkerboard(s.result).worst(); }},
      {"border", "difference of the border from the inside, beyond the photo's", Needs::kContent, Better::kLower,
       [](const Subject& s) { return border_index(s.result, s.content); }},
      {"seam", "excess of the steps across the tiles' edges", Needs::kTile, Better::kLower,
       [](const Subject& s) { return seam_index(s.result, s.tile); }},
      {"critic", "mean verdict of an adversarial training's critic, higher is more real", Needs::kCritic,
       Better::kHigher, [](const Subject& s) { return s.critic->on_made(s.result, s.content); }},
  };
  return metrics;
}

bool uses_encoder(const MetricInfo& metric) {
  const std::string name = metric.name;
  return name == "style" || name == "content" || name == "gram";
}

std::string against(const MetricInfo& metric, const Given& given) {
  switch (metric.needs) {
    case Needs::kContent: return "content";
    case Needs::kContentAndStyle: return "content and style";
    case Needs::kReferenceOrContent: return given.reference ? "reference" : "content";
    case Needs::kReferenceOrStyle: return given.reference ? "reference" : "style";
    case Needs::kTile:
    case Needs::kCritic:
    case Needs::kNothing: break;
  }
  return "";
}

std::vector<MetricInfo> chosen_metrics(const std::string& list, const Given& given) {
  std::vector<MetricInfo> chosen;
  if (list.empty()) {
    for (const auto& metric : all_metrics())
      if (possible(metric.needs, given)) chosen.push_back(metric);
    return chosen;
  }
  for (std::size_t at = 0; at <= list.size();) {
    const auto end = std::min(list.find(',', at), list.size());
    const auto& metric = find_metric(list.substr(at, end - at));
    require(possible(metric.needs, given),
            std::string("the metric ") + metric.name + " needs more than was given; add " + wanted(metric.needs));
    chosen.push_back(metric);
    at = end + 1;
  }
  return chosen;
}

}  // namespace atelier
