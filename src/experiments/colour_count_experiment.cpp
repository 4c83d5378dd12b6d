#include "experiments/colour_count_experiment.h"

#include <torch/torch.h>

#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "atelier/error.h"
#include "core/number_text.h"
#include "dataset/pair_pool.h"
#include "methods/method.h"
#include "metrics/ssim.h"
#include "networks/network.h"
#include "palette/dbscan.h"
#include "tensor/image_tensor.h"
#include "training/style_training.h"
#include "training/trainer.h"

namespace atelier {
namespace {

constexpr int kFewestSide = 32;  // of the training's option "crop"

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// 97.5 % quantile of Student's t with `freedom` degrees of freedom.
double student(std::size_t freedom) {
  constexpr double kTable[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228};
  constexpr double kNormal = 1.96;
  return freedom <= std::size(kTable) ? kTable[freedom - 1] : kNormal + 2.4 / static_cast<double>(freedom);
}

class Experiment {
 public:
  Experiment(const ColourCountExperiment& settings, const OnExperiment& on_progress)
      : settings_(settings), on_progress_(on_progress), pairs_(read()) {
    const auto wanted = static_cast<std::size_t>(settings.held_out);
    require(pairs_.size() > 2 * wanted, "there are " + std::to_string(pairs_.size()) + " pairs, too few to hold out " +
                                            std::to_string(wanted) + "; give more pairs or a smaller --held-out");
    const auto tested = pairs_.take_last(wanted);
    outcome_.settings = settings;
    outcome_.pairs_learnt = pairs_.size();
    samples_ = middle_parts(tested, 0, wanted, settings.side);
    for (std::int64_t i = 0; i < samples_.inputs.size(0); ++i) {
      outcome_.photos.push_back(to_image(samples_.inputs.slice(0, i, i + 1)));
      outcome_.targets.push_back(to_image(samples_.targets.slice(0, i, i + 1)));
      outcome_.target_colours.push_back(count_colour_clusters(to_bytes(outcome_.targets.back())));
    }
  }

  ColourCountOutcome run() {
    for (const char* name : {"none", "literal", "soft"}) {
      ColourCountVariant variant{name, {}};
      for (int seed = 1; seed <= settings_.seeds; ++seed) variant.runs.push_back(run_once(name, seed));
      outcome_.variants.push_back(std::move(variant));
    }
    return std::move(outcome_);
  }

 private:
  PairPool read() const {
    const auto max_side = 4 * settings_.side;
    return settings_.targets.empty() ? PairPool::side_by_side({settings_.pairs}, Side::kLeft, max_side)
                                     : PairPool::two_folders(settings_.pairs, settings_.targets, max_side);
  }

  std::map<std::string, std::string> options(const std::string& variant) const {
    const bool with = variant != "none";
    return {{"pairs", "left"},
            {"targets", settings_.targets.string()},
            {"held-out", std::to_string(settings_.held_out)},
            {"crop", std::to_string(settings_.side)},
            {"batch", std::to_string(settings_.batch)},
            {"width", as_typed(settings_.width)},
            {"smallest-part", "0.9"},
            {"first-steps", std::to_string(settings_.first_steps)},
            {"color-count-loss", as_typed(with ? settings_.weight : 0)},
            {"color-count", with ? variant : "soft"}};
  }

  ColourCountRun run_once(const std::string& variant, int seed) {
    const auto& method = find_method(settings_.method);
    require(method.make_training != nullptr, "the method " + settings_.method + " has nothing to train; give animegan");
    TrainingInputs inputs;
    inputs.photos = {settings_.pairs};
    inputs.seed = static_cast<std::uint64_t>(seed);
    const auto task = method.make_training(Values(method.training_options, options(variant)), inputs);
    TrainingOptions training;
    training.steps = settings_.steps;
    if (settings_.time_budget != 0) training.time_budget = settings_.time_budget;
    training.learning_rate = settings_.learning_rate;
    training.save_every = settings_.steps;
    training.seed = inputs.seed;
    ColourCountRun result;
    result.seed = inputs.seed;
    bool wanted = true;
    const auto model = train(*task, training, [&](const TrainingProgress& progress) {
      result.steps = progress.step;
      return wanted = tell(variant, seed, progress);
    });
    if (!wanted) throw Error("stopped", ErrorKind::kStopped);
    test(read_network(model), result);
    return result;
  }

  bool tell(const std::string& variant, int seed, const TrainingProgress& progress) const {
    return on_progress_("colour count " + variant + ", seed " + std::to_string(seed) + " of " +
                        std::to_string(settings_.seeds) + ": step " + std::to_string(progress.step) + " of " +
                        std::to_string(progress.steps));
  }

  void test(const Network& network, ColourCountRun& result) const {
    const torch::NoGradGuard no_grad;
    const auto made = run_network(network, {{"picture", samples_.inputs}});
    for (std::int64_t i = 0; i < made.size(0); ++i) {
      result.pictures.push_back(to_image(made.slice(0, i, i + 1)));
      result.ssim.push_back(ssim(result.pictures.back(), outcome_.targets[static_cast<std::size_t>(i)]));
      result.colours.push_back(count_colour_clusters(to_bytes(result.pictures.back())));
    }
  }

  const ColourCountExperiment& settings_;
  const OnExperiment& on_progress_;
  PairPool pairs_;
  DrawnPairs samples_;
  ColourCountOutcome outcome_;
};

}  // namespace

Interval confidence(const std::vector<double>& values) {
  require(!values.empty(), "a confidence interval needs a value; run at least one seed");
  Interval interval{mean(values), std::numeric_limits<double>::infinity()};
  if (values.size() < 2) return interval;
  double squares = 0;
  for (const double value : values) squares += (value - interval.mean) * (value - interval.mean);
  const auto count = static_cast<double>(values.size());
  interval.half_width = student(values.size() - 1) * std::sqrt(squares / (count - 1) / count);
  return interval;
}

std::vector<double> mean_ssim(const ColourCountVariant& variant) {
  std::vector<double> means;
  for (const auto& run : variant.runs) means.push_back(mean(run.ssim));
  return means;
}

std::vector<double> mean_colours_off(const ColourCountVariant& variant,
                                     const std::vector<std::size_t>& target_colours) {
  std::vector<double> means;
  for (const auto& run : variant.runs) {
    double sum = 0;
    for (std::size_t i = 0; i < run.colours.size(); ++i)
      sum += std::abs(static_cast<double>(run.colours[i]) - static_cast<double>(target_colours.at(i)));
    means.push_back(sum / static_cast<double>(run.colours.size()));
  }
  return means;
}

ColourCountOutcome run_colour_count_experiment(const ColourCountExperiment& settings, const OnExperiment& on_progress) {
  require(settings.side >= kFewestSide && settings.side % 4 == 0 && settings.seeds >= 1 && settings.held_out >= 1 &&
              settings.steps >= 1,
          "the experiment needs a --size of at least 32 that is a multiple of 4, and at least one seed, step and "
          "held-out pair");
  return Experiment(settings, on_progress).run();
}

}  // namespace atelier
