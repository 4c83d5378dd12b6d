#pragma once
#include <functional>
#include <string>
#include <vector>

#include "evaluation/metric_list.h"
#include "evaluation/pair_files.h"

namespace atelier {

struct EvaluationSettings {
  std::string metrics;              ///< names with commas between; empty: all that the pictures given allow
  std::string encoder = "compact";  ///< whose features style, content and gram look at: a model name or weight file
  /// Longer side at which features are compared, or the result's where that is smaller (but 64 at least); the other
  /// metrics keep the result's.
  int size = 512;
  int tile = 0;                     ///< side of the tiles whose seams to look for; 0: none
  std::string critic = {};          ///< checkpoint of an adversarial training whose critic to ask; empty: none
  std::string critic_name = {};     ///< which of its critics; empty where there is one only
};

/// What was measured of one result.
struct PictureScores {
  EvaluatedFiles files;
  std::vector<double> values;               ///< one for each of Evaluation::metrics; NaN: could not be measured
  std::vector<std::string> notes;           ///< why not
  std::vector<double> style_ratio_per_tap;  ///< relu1_1 … relu5_1; empty without style or content
  std::vector<double> spectrum;             ///< radial power spectrum in dB; see radial_spectrum()
  std::vector<double> manner_spectrum;      ///< of the reference or else the style, at the same frequencies
  bool failed = false;  ///< nothing was measured, all values are NaN: a file is damaged, or shapes differ
};

struct Evaluation {
  EvaluationSettings settings;
  Given given;
  std::vector<MetricInfo> metrics;
  std::vector<PictureScores> pictures;
  std::optional<CriticReport> critic;  ///< of all pictures together; nothing without references or styles
  bool complete = true;                ///< false when stopped before the last picture
};

/// Measures results one after the other. Content and style are brought to the result's size first, as `stylize` did.
/// @param on_picture  told of each result as it is done; returns false to stop there.
/// A metric that cannot take a picture (too small) is noted and left NaN. So is, of several results, all of one that
/// cannot be measured: a file cannot be read, a content has not the result's shape or a reference not its size.
/// @throws Error      the same of an only result; when the content, style or reference of all results cannot be read;
///                    and as chosen_metrics().
Evaluation evaluate_pictures(const std::vector<EvaluatedFiles>& files, const EvaluationSettings& settings,
                             const std::function<bool(const Evaluation&)>& on_picture = {});

/// Mean of a metric over the pictures in which it is finite; NaN when there is none.
double mean_of(const Evaluation& evaluation, std::size_t metric);

/// Over how many pictures mean_of() is.
std::size_t counted_in_mean(const Evaluation& evaluation, std::size_t metric);

/// How many pictures could not be measured at all.
std::size_t count_failed(const Evaluation& evaluation);

}  // namespace atelier
