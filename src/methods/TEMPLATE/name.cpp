#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "atelier/error.h"
#include "methods/method.h"

namespace atelier::methods::name {
namespace {

/// Mean and standard deviation of each colour, [1, 3, 1, 1].
struct ColourStatistics {
  Tensor mean, deviation;
};

ColourStatistics statistics(const Tensor& picture) {
  const std::vector<std::int64_t> pixels = {2, 3};
  return {picture.mean(pixels, true), picture.std(pixels, false, true)};
}

/// The statistics to reach: those of the styles, by their weights.
ColourStatistics target(const std::vector<Style>& styles) {
  double total = 0;
  for (const auto& style : styles) total += style.weight;
  ColourStatistics sum{at::zeros({1, 3, 1, 1}), at::zeros({1, 3, 1, 1})};
  for (const auto& style : styles) {
    const auto one = statistics(style.picture);
    sum.mean += one.mean * (style.weight / total);
    sum.deviation += one.deviation * (style.weight / total);
  }
  return sum;
}

class Name final : public Method {
 public:
  explicit Name(const Values& values) : steps_(static_cast<int>(values.integer("steps"))) {}

  Tensor run(const Inputs& inputs, const OnProgress& on_progress) override {
    require(!inputs.styles.empty(), "name needs a style picture; add --style PAINTING");
    constexpr double kFloor = 1e-4;  // keeps a picture of one colour finite
    const auto from = statistics(inputs.content), to = target(inputs.styles);
    const auto goal = (inputs.content - from.mean) / from.deviation.clamp_min(kFloor) * to.deviation + to.mean;
    const double share = std::min(1.0, inputs.strength / 50);
    Tensor picture = inputs.content;
    for (int step = 1; step <= steps_; ++step) {
      picture = inputs.content.lerp(goal, share * step / steps_);
      if (!report(step, on_progress)) {
        if (inputs.keep_best_on_stop) break;
        throw Error("stopped on request; nothing was kept", ErrorKind::kStopped);
      }
    }
    return picture.clamp(0, 1);
  }

 private:
  bool report(int step, const OnProgress& on_progress) const {
    if (!on_progress) return true;
    Progress progress;
    progress.stage = "colours";
    progress.step = step;
    progress.steps = steps_;
    return on_progress(progress);
  }

  int steps_;
};

}  // namespace

MethodInfo describe() {
  return {"name",
          "image_iteration/mmd",
          "Reinhard, Ashikhmin, Gooch, Shirley: Color Transfer between Images, IEEE CG&A 2001",
          "gives the photo the mean and the spread of the style's colours",
          {Option::integer("steps", "steps from the photo to the result", 10, 1, 1000)},
          [](const Values& values) -> std::unique_ptr<Method> { return std::make_unique<Name>(values); },
          /*uses_encoder=*/false};
}

}  // namespace atelier::methods::name
