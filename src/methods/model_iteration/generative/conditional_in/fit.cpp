#include "methods/model_iteration/generative/conditional_in/fit.h"

#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include "atelier/error.h"
#include "dataset/image_pool.h"
#include "encoders/encoder.h"
#include "networks/network.h"
#include "training/style_training.h"
#include "weights/model_store.h"

namespace atelier::methods::conditional_in {
namespace {

constexpr const char* kGallery = "gallery";  ///< the embedded network
constexpr const char* kPhotos = "photos";    ///< the embedded photos to practise on
constexpr const char* kEncoder = "compact";
constexpr std::int64_t kSteps = 300, kThoroughSteps = 2000;
constexpr std::int64_t kCrop = 192, kBatch = 4, kTrialPhotos = 2;
constexpr double kRate = 3e-3, kThoroughRate = 1e-3;
constexpr double kSmoothnessWeight = 50, kGridWeight = 100, kBalance = 2.7;  // of the gallery's seventh stretch
constexpr double kTrialShare = 1.0 / 3;  ///< of a time budget, at most, goes into choosing a style to start from

/// The time that there is, from now on.
class TimeBudget {
 public:
  explicit TimeBudget(double seconds) : seconds_(seconds) {}

  bool has_used(double share) const { return seconds_ > 0 && passed() >= share * seconds_; }

  /// For the training, which makes one step at least.
  std::optional<double> left() const {
    if (seconds_ <= 0) return std::nullopt;
    return std::max(seconds_ - passed(), 1e-3);
  }

 private:
  using Clock = std::chrono::steady_clock;
  double passed() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

  Clock::time_point start_ = Clock::now();
  double seconds_;
};

ImagePool practice_photos(const FitRequest& request) {
  constexpr int kLongestSide = 512;
  return request.photos.empty() ? ImagePool(open_model(kPhotos)) : ImagePool(request.photos, kLongestSide);
}

std::int64_t count_styles(const Network& network, const std::string& model) {
  for (const auto& node : network.graph.nodes)
    if (node.op == Op::kConditionalNorm) return network.parameters.at(node.name + ".weight").size(0);
  throw Error("the model \"" + model +
              "\" has no conditional norms to fit; start from one that `atelier train conditional-in` made");
}

/// The network with the one style of row `row` left.
Network only_style(const Network& network, std::int64_t row) {
  Network one{network.graph, {}};
  for (const auto& [name, tensor] : network.parameters) {
    const bool of_styles = network.graph.node(name.substr(0, name.rfind('.'))).op == Op::kConditionalNorm;
    one.parameters[name] = of_styles ? tensor.narrow(0, row, 1).clone() : tensor;
  }
  return one;
}

[[noreturn]] void stop() { throw Error("stopped; the style was not kept", ErrorKind::kStopped); }

/// Trying all styles takes many times as long as a step.
void tell_of_trial(const OnProgress& on_progress) {
  Progress progress;
  progress.stage = "choosing a style to start from";
  if (on_progress && !on_progress(progress)) stop();
}

/// The network's style whose pictures come nearest to the painting, of those that the time suffices to try.
std::int64_t nearest_style(const Network& network, std::int64_t styles, const FitRequest& request,
                           const ImagePool& photos, const TimeBudget& time, const OnProgress& on_progress) {
  const torch::NoGradGuard no_grad;
  const bool bf16 = wants_bf16(parse_precision(request.precision));
  const PerceptualLoss loss(open_encoder(kEncoder, {.precision = bf16 ? Precision::kBFloat16 : Precision::kFloat32}),
                            {});
  const auto target = loss.targets(request.painting);
  const auto crops = draw_crops({&photos}, kTrialPhotos, kCrop, {}, request.seed);
  std::int64_t best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::int64_t style = 0; style < styles && (style == 0 || !time.has_used(kTrialShare)); ++style) {
    tell_of_trial(on_progress);
    const auto painted = run_network(only_style(network, style), {{"picture", crops}, {"shares", torch::ones({1, 1})}},
                                     bf16 ? torch::kBFloat16 : torch::kFloat);
    const double distance = loss.style_distance(painted, target);
    if (distance < least) least = distance, best = style;
  }
  return best;
}

/// Steps in all, by the time that each takes where a budget ends them early.
std::int64_t expected_steps(const TrainingProgress& training) {
  if (training.seconds_per_step <= 0) return training.steps;
  const auto left = std::llround(std::max(0.0, training.seconds_left) / training.seconds_per_step);
  return std::min<std::int64_t>(training.steps, training.step + left);
}

Progress progress_of(const TrainingProgress& training) {
  Progress progress;
  progress.stage = "learning";
  progress.step = static_cast<int>(training.step);
  progress.steps = static_cast<int>(expected_steps(training));
  progress.terms = {training.result.terms.begin(), training.result.terms.end()};
  progress.seconds_left = training.seconds_left;
  progress.note = training.note;
  progress.preview = training.preview;
  return progress;
}

}  // namespace

WeightSet fit_style(const FitRequest& request, const OnProgress& on_progress) {
  return fit_style(request, kGallery, request.thorough ? kThoroughSteps : kSteps, on_progress);
}

WeightSet fit_style(const FitRequest& request, const std::string& model, std::int64_t steps,
                    const OnProgress& on_progress) {
  const TimeBudget time(request.time_budget);
  const auto network = read_network(open_model(model));
  const auto styles = count_styles(network, model);
  const auto photos = practice_photos(request);
  const auto start = nearest_style(network, styles, request, photos, time, on_progress);

  StyleTrainingOptions task;
  task.method = "conditional-in";
  task.batch = kBatch;
  task.crop = kCrop;
  task.smoothness_weight = kSmoothnessWeight;
  task.grid_weight = kGridWeight;
  task.pooled_grams = true;
  task.balance = kBalance;
  task.encoder = kEncoder;
  task.bf16 = wants_bf16(parse_precision(request.precision));
  task.seed = request.seed;
  StyleTraining training(only_style(network, start), {{"style", request.painting}}, task, photos);

  TrainingOptions options;
  options.steps = steps;
  options.time_budget = time.left();
  options.learning_rate = request.thorough ? kThoroughRate : kRate;
  options.warm_up = 10;
  options.decay_share = 0.5;
  options.save_every = steps;
  options.seed = request.seed;
  bool stopped = false;
  const auto fitted = train(training, options, [&](const TrainingProgress& progress) {
    stopped = on_progress && !on_progress(progress_of(progress));
    return !stopped;
  });
  if (stopped) stop();
  return fitted;
}

}  // namespace atelier::methods::conditional_in
