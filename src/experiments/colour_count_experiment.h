#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "atelier/image.h"

namespace atelier {

/// The experiment of the colour-count paper: AnimeGAN on pairs, without and with the loss, from the same seed.
struct ColourCountExperiment {
  std::filesystem::path pairs;    ///< side-by-side pictures, the photo on the left; or the photos of `targets`
  std::filesystem::path targets;  ///< targets with the photos' names; empty for side-by-side pictures
  std::string method = "animegan";
  int side = 64;      ///< of training and test pictures, in pixels
  int seeds = 3;      ///< runs of each variant, with seeds 1, 2, ...
  int held_out = 10;  ///< last pairs, which are tested and not learnt
  int batch = 4;
  int steps = 1000;  ///< of each run
  int first_steps = 200;
  double time_budget = 0;  ///< seconds for each run; 0: none. Variants of unequal speed then make unequal steps
  double width = 0.25;
  double weight = 1;  ///< of the colour-count loss
  double learning_rate = 5e-4;
};

/// What one trained network makes of the held-out photos.
struct ColourCountRun {
  std::uint64_t seed = 0;
  std::int64_t steps = 0;
  std::vector<double> ssim;          ///< against the target, per sample
  std::vector<std::size_t> colours;  ///< DBSCAN's clusters, per sample
  std::vector<Image> pictures;
};

struct ColourCountVariant {
  std::string name;  ///< "none", "literal" or "soft"
  std::vector<ColourCountRun> runs;
};

struct ColourCountOutcome {
  ColourCountExperiment settings;
  std::size_t pairs_learnt = 0;
  std::vector<Image> photos, targets;
  std::vector<std::size_t> target_colours;
  std::vector<ColourCountVariant> variants;
};

/// A mean over seeds and half the width of its 95 % confidence interval (Student's t; infinite for one seed).
struct Interval {
  double mean = 0, half_width = 0;
};
Interval confidence(const std::vector<double>& values);

/// Mean over the samples, per seed: of SSIM, and of |DB(result) − DB(target)|.
std::vector<double> mean_ssim(const ColourCountVariant& variant);
std::vector<double> mean_colours_off(const ColourCountVariant& variant, const std::vector<std::size_t>& target_colours);

/// Tells what is running; returns false to stop.
using OnExperiment = std::function<bool(const std::string& what)>;

/// Trains each variant with each seed and tests it on the held-out pairs.
/// @throws Error for pairs that do not match or too few of them, or (kStopped) when asked to stop.
ColourCountOutcome run_colour_count_experiment(const ColourCountExperiment& settings, const OnExperiment& on_progress);

}  // namespace atelier
