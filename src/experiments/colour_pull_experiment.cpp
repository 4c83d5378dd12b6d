#include "experiments/colour_pull_experiment.h"

#include <torch/torch.h>

#include <cmath>
#include <cstdio>

#include "atelier/error.h"
#include "core/atomic_file.h"
#include "losses/colour_count.h"
#include "media/contact_sheet.h"
#include "media/image_file.h"
#include "metrics/psnr.h"
#include "report/svg_chart.h"
#include "tensor/image_tensor.h"

namespace atelier {
namespace {

constexpr double kRate = 0.5 / 255, kFirst = 0.5, kSecond = 0.99;

ColourPull pull_to(const Tensor& start, std::size_t wanted, int steps) {
  ColourPull pull;
  pull.wanted = wanted;
  const auto target = torch::full({1}, static_cast<double>(wanted), torch::kDouble);
  auto x = start.clone().requires_grad_(true);
  torch::optim::Adam adam({x}, torch::optim::AdamOptions(kRate).betas({kFirst, kSecond}));
  for (int step = 0; step <= steps; ++step) {
    const auto goals = losses::colour_goals(x, target);
    pull.counts.push_back(static_cast<std::size_t>(goals.counts[0].item<double>()));
    if (pull.counts.back() == wanted || step == steps) break;
    adam.zero_grad();
    losses::colour_pull(x, goals).backward();
    adam.step();
  }
  pull.result = to_image(x.detach());
  return pull;
}

/// The chart as it stands in a page, with what a file of its own needs besides.
std::string standalone(const std::string& svg) {
  const std::string opening = "<svg ";
  return opening +
         "xmlns=\"http://www.w3.org/2000/svg\" font-family=\"sans-serif\" font-size=\"11\" fill=\"none\" "
         "stroke-width=\"1.5\" style=\"background:#f6f6f4\" " +
         svg.substr(opening.size());
}

}  // namespace

std::vector<ColourPull> pull_colours(const Image& picture, const std::vector<double>& factors, int steps) {
  const auto start = to_tensor(picture);
  const double count = losses::colour_counts(start)[0].item<double>();
  std::vector<ColourPull> pulls;
  for (const double factor : factors) {
    require(factor > 0, "the wanted number of colours must be above 0; give factors like 0.5 and 2");
    const auto wanted = static_cast<std::size_t>(std::max(1.0, std::round(count * factor)));
    pulls.push_back(pull_to(start, wanted, steps));
    pulls.back().psnr = psnr(pulls.back().result, picture);
  }
  return pulls;
}

std::string colour_pull_chart(const std::vector<ColourPull>& pulls) {
  std::vector<ChartLine> lines;
  for (const auto& pull : pulls) {
    ChartLine line{"wanted " + std::to_string(pull.wanted), {}};
    for (std::size_t i = 0; i < pull.counts.size(); ++i)
      line.points.emplace_back(static_cast<double>(i), static_cast<double>(pull.counts[i]));
    lines.push_back(std::move(line));
  }
  auto svg = standalone(line_chart(lines, "step"));
  // Texts are filled; lines are not.
  for (std::size_t at = 0; (at = svg.find("<text ", at)) != std::string::npos; at += 20)
    svg.insert(at + 6, "fill=\"#444\" ");
  return svg;
}

void write_colour_pull_report(const Image& picture, const std::vector<ColourPull>& pulls,
                              const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  AtomicFile file(folder / "counts.svg");
  file.write(colour_pull_chart(pulls));
  file.commit();
  std::vector<SheetCell> cells = {
      {"picture", picture, "", {std::to_string(pulls.front().counts.front()) + " colours"}}};
  for (const auto& pull : pulls) {
    char figure[64];
    std::snprintf(figure, sizeof figure, "%zu colours, %.1f dB", pull.counts.back(), pull.psnr);
    cells.push_back({"wanted " + std::to_string(pull.wanted), pull.result, "", {figure}});
  }
  write_image((folder / "pictures.png").string(),
              contact_sheet(cells, {.columns = static_cast<int>(cells.size()), .cell = 256}));
}

}  // namespace atelier
