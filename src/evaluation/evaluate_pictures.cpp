#include "evaluation/evaluate_pictures.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "atelier/error.h"
#include "core/explain.h"
#include "evaluation/style_yardstick.h"
#include "media/image_file.h"
#include "metrics/power_spectrum.h"
#include "tensor/image_tensor.h"
#include "tensor/resize.h"

namespace atelier {
namespace {

std::string named(const std::string& file, const Image& image) {
  return "\"" + file + "\" (" + std::to_string(image.width) + "x" + std::to_string(image.height) + ")";
}

constexpr int kLeastSize = 64;  ///< four poolings, and some features left

Image resized(const Image& image, int height, int width) {
  if (image.height == height && image.width == width) return image;
  return to_image(resize_picture(to_tensor(image), height, width));
}

Given given_in(const EvaluatedFiles& files, const EvaluationSettings& settings) {
  return {.content = !files.content.empty(),
          .style = !files.style.empty(),
          .reference = !files.reference.empty(),
          .tile = settings.tile > 0,
          .critic = !settings.critic.empty()};
}

/// `image` with its longer side as that of `result`.
Image fitted_to(const Image& result, const Image& image) {
  const auto [height, width] = fitted_size(image.height, image.width, std::max(result.width, result.height));
  return resized(image, static_cast<int>(height), static_cast<int>(width));
}

/// The photo at the result's size, if a photo of its shape comes out at that size.
Image content_for(const Image& result, const Image& photo, const EvaluatedFiles& files) {
  const auto [height, width] = fitted_size(photo.height, photo.width, std::max(result.width, result.height));
  require(std::abs(height - result.height) <= 1 && std::abs(width - result.width) <= 1,
          named(files.result, result) + " and its content " + named(files.content, photo) +
              " differ in shape; compare a result with its own photo");
  return resized(photo, result.height, result.width);
}

Image reference_for(const Image& result, const EvaluatedFiles& files) {
  Image reference = read_image(files.reference);
  require(reference.width == result.width && reference.height == result.height,
          named(files.result, result) + " and its reference " + named(files.reference, reference) +
              " differ in size; compare pictures of one size");
  return reference;
}

std::vector<double> decibels(const Image& image, int side) {
  auto rings = radial_spectrum(power_spectrum(image, side));
  for (double& power : rings) power = 10 * std::log10(power + kRoundingPower);
  return rings;
}

class Evaluator {
 public:
  Evaluator(const EvaluationSettings& settings, const std::vector<MetricInfo>& metrics, const Given& given)
      : settings_(settings), metrics_(metrics) {
    if (std::any_of(metrics.begin(), metrics.end(), uses_encoder))
      encoder_ = open_encoder(settings.encoder, {.precision = Precision::kFloat32});
    if (std::any_of(metrics.begin(), metrics.end(), [](const auto& metric) { return metric.needs == Needs::kCritic; }))
      critic_.emplace(settings.critic, settings.critic_name, given.content);
  }

  PictureScores scores(const EvaluatedFiles& files) {
    const Subject subject = read(files);
    PictureScores scores;
    scores.files = files;
    if (subject.yardstick) scores.style_ratio_per_tap = subject.yardstick->style_ratio_per_tap;
    for (const auto& metric : metrics_) scores.values.push_back(measured(metric, subject, scores.notes));
    add_spectra(subject, scores);
    if (critic_)
      critic_->see_real(files.reference.empty() ? files.style : files.reference, subject.manner(), subject.content);
    return scores;
  }

  std::optional<CriticReport> critic_report() const { return critic_ ? critic_->report() : std::nullopt; }

 private:
  Subject read(const EvaluatedFiles& files) {
    Subject subject;
    subject.tile = settings_.tile;
    subject.critic = critic_ ? &*critic_ : nullptr;
    subject.result = read_image(files.result);
    const Image photo = files.content.empty() ? Image() : read_image(files.content);
    const Image style = files.style.empty() ? Image() : read_image(files.style);
    if (photo.pixels() > 0) subject.content = content_for(subject.result, photo, files);
    if (style.pixels() > 0) subject.style = fitted_to(subject.result, style);
    if (!files.reference.empty()) subject.reference = reference_for(subject.result, files);
    if (encoder_) subject.yardstick = yardstick(subject, photo, style);
    return subject;
  }

  /// On the photo as it is, unless its sides then round to others than the result's.
  StyleYardstick yardstick(const Subject& subject, const Image& photo, const Image& style) const {
    const int size = measuring_size(subject.result);
    const auto rounded = [&](const Image& image) { return fitted_size(image.height, image.width, size); };
    const Image& content = rounded(photo) == rounded(subject.result) ? photo : subject.content;
    return measure_style(*encoder_, to_tensor(subject.result), to_tensor(content),
                         style.pixels() > 0 ? to_tensor(style) : Tensor(), size);
  }

  /// Strokes of an enlarged result are not those that its painting is made of.
  int measuring_size(const Image& result) const {
    return std::min(settings_.size, std::max({result.width, result.height, kLeastSize}));
  }

  static double measured(const MetricInfo& metric, const Subject& subject, std::vector<std::string>& notes) {
    double value = std::numeric_limits<double>::quiet_NaN();
    try {
      value = metric.measure(subject);
    } catch (const Error& error) {
      notes.emplace_back(error.what());
      return value;
    }
    if (std::isinf(value)) notes.push_back(std::string(metric.name) + ": infinite, the pictures are the same");
    return value;
  }

  /// Nothing for pictures that are too small for a spectrum.
  static void add_spectra(const Subject& subject, PictureScores& scores) try {
    const bool pair = subject.manner().pixels() > 0;
    const int side = pair ? std::min(spectrum_side(subject.result), spectrum_side(subject.manner())) : 0;
    scores.spectrum = decibels(subject.result, side);
    if (pair) scores.manner_spectrum = decibels(subject.manner(), side);
  } catch (const Error&) {
    scores.spectrum.clear();
  }

  const EvaluationSettings& settings_;
  const std::vector<MetricInfo>& metrics_;
  std::shared_ptr<const Encoder> encoder_;
  std::optional<CriticView> critic_;
};

/// What all results are measured against: without it there would be nothing but gaps.
void check_shared(const std::vector<EvaluatedFiles>& files) {
  for (const auto member : {&EvaluatedFiles::content, &EvaluatedFiles::style, &EvaluatedFiles::reference}) {
    const auto& first = files.front().*member;
    const auto is_first = [&](const EvaluatedFiles& one) { return one.*member == first; };
    if (!first.empty() && std::all_of(files.begin(), files.end(), is_first)) read_image(first);
  }
}

/// The scores, or the reason why there are none.
PictureScores scores_or_note(Evaluator& evaluator, const EvaluatedFiles& files, std::size_t metrics) try {
  return evaluator.scores(files);
} catch (const std::exception& fault) {
  PictureScores none;
  none.files = files;
  none.values.assign(metrics, std::numeric_limits<double>::quiet_NaN());
  none.notes = {explained(fault, files.result).what()};
  none.failed = true;
  return none;
}

}  // namespace

Evaluation evaluate_pictures(const std::vector<EvaluatedFiles>& files, const EvaluationSettings& settings,
                             const std::function<bool(const Evaluation&)>& on_picture) {
  require(!files.empty(), "there is nothing to measure; name at least one result");
  Evaluation evaluation;
  evaluation.settings = settings;
  evaluation.given = given_in(files.front(), settings);
  evaluation.metrics = chosen_metrics(settings.metrics, evaluation.given);
  Evaluator evaluator(evaluation.settings, evaluation.metrics, evaluation.given);
  const bool several = files.size() > 1;
  if (several) check_shared(files);
  for (const auto& picture : files) {
    evaluation.pictures.push_back(several ? scores_or_note(evaluator, picture, evaluation.metrics.size())
                                          : evaluator.scores(picture));
    const bool last = evaluation.pictures.size() == files.size();
    if (on_picture && !on_picture(evaluation) && !last) {
      evaluation.complete = false;
      break;
    }
  }
  evaluation.critic = evaluator.critic_report();
  return evaluation;
}

double mean_of(const Evaluation& evaluation, std::size_t metric) {
  double sum = 0;
  for (const auto& picture : evaluation.pictures)
    if (std::isfinite(picture.values[metric])) sum += picture.values[metric];
  const auto counted = counted_in_mean(evaluation, metric);
  return counted > 0 ? sum / static_cast<double>(counted) : std::numeric_limits<double>::quiet_NaN();
}

std::size_t counted_in_mean(const Evaluation& evaluation, std::size_t metric) {
  const auto finite = [&](const PictureScores& picture) { return std::isfinite(picture.values[metric]); };
  return static_cast<std::size_t>(std::count_if(evaluation.pictures.begin(), evaluation.pictures.end(), finite));
}

std::size_t count_failed(const Evaluation& evaluation) {
  const auto failed = [](const PictureScores& picture) { return picture.failed; };
  return static_cast<std::size_t>(std::count_if(evaluation.pictures.begin(), evaluation.pictures.end(), failed));
}

}  // namespace atelier
