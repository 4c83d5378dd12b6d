#include "optimise/picture_loop.h"

#include <torch/torch.h>

#include <chrono>
#include <cmath>

#include "atelier/error.h"
#include "core/machine.h"
#include "optimise/adam.h"
#include "optimise/lbfgs.h"
#include "optimise/run_checkpoint.h"
#include "tensor/image_tensor.h"
#include "tensor/resize.h"

namespace atelier {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kSecondsBetweenCheckpoints = 10;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::unique_ptr<Optimiser> make_optimiser(const Tensor& start, const PictureLoopOptions& options) {
  if (options.adam) return std::make_unique<Adam>(start, AdamOptions{.learning_rate = options.learning_rate});
  return std::make_unique<Lbfgs>(start, LbfgsOptions{.history = options.history});
}

class Run {
 public:
  Run(const Tensor& start, const ObjectiveAtScale& objective, const PictureLoopOptions& options,
      const OnProgress& on_progress)
      : objective_(objective), options_(options), on_progress_(on_progress) {
    const auto& first = options.scales.front();
    optimiser_ = make_optimiser(resize_picture(start, first.height, first.width).contiguous(), options);
    position_.steps = total_steps(options.scales);
    resume();
  }

  Tensor finish() {
    for (; scale_ < options_.scales.size(); ++scale_) {
      if (!run_scale()) break;
      if (scale_ + 1 < options_.scales.size()) grow();
    }
    const auto& last = options_.scales.back();
    return resize_picture(result(), last.height, last.width);
  }

 private:
  static double cost(const Scale& scale) { return static_cast<double>(scale.height * scale.width); }

  /// Of the steps after this one, as the plan has it: what was done by an earlier run or saved by converging does not
  /// come into it.
  double cost_left() const {
    const auto& here = options_.scales[scale_];
    double left = cost(here) * (here.steps - step_ - 1);
    for (std::size_t i = scale_ + 1; i < options_.scales.size(); ++i)
      left += cost(options_.scales[i]) * options_.scales[i].steps;
    return left;
  }

  void resume() {
    if (options_.checkpoint.empty()) return;
    auto saved = read_run_checkpoint(options_.checkpoint, options_.identity);
    if (!saved) return;
    scale_ = static_cast<std::size_t>(saved->scale);
    require(scale_ < options_.scales.size(), options_.checkpoint.string() + " is damaged; delete it and start again");
    const auto& scale = options_.scales[scale_];
    optimiser_->resize_state([&](const Tensor& x) { return resize(x, scale.height, scale.width); });
    optimiser_->load(saved->optimiser);
    average_ = saved->average;
    if (options_.memory) *options_.memory = saved->memory;
    step_ = saved->step;
    position_.step = saved->finished;
    position_.note = "continued from " + options_.checkpoint.string() + " at step " + std::to_string(saved->finished);
  }

  /// False when the caller wants to stop.
  bool run_scale() {
    const auto& scale = options_.scales[scale_];
    const auto objective = objective_(scale, scale_);
    position_.stage = std::to_string(scale.width) + "x" + std::to_string(scale.height);
    PictureLoss last;
    const auto evaluate = [&](const Tensor& picture) {
      last = objective(picture);
      return Evaluation{last.total(), last.gradient};
    };
    for (; step_ < scale.steps; ++step_) {
      const auto outcome = optimiser_->step(evaluate);
      describe(outcome);
      follow_average();
      ++position_.step;
      done_cost_ += cost(scale);
      if (!report(last)) return stop();
      save_sometimes();
      if (outcome.status == StepStatus::kConverged) break;
    }
    position_.step += std::max(0, scale.steps - step_ - 1);
    step_ = 0;
    return true;
  }

  bool stop() {
    ++step_;
    save();
    if (!position_.note.empty()) on_progress_(position_);
    if (!options_.keep_best_on_stop) throw Error("stopped before the picture was finished", ErrorKind::kStopped);
    return false;
  }

  void describe(const OptimiserStep& outcome) {
    if (outcome.status == StepStatus::kNotFinite)
      throw Error("the loss is not a finite number at step " + std::to_string(position_.step + 1) +
                      " and no smaller step helps; lower the weights, or use --precision fp32",
                  ErrorKind::kFailure);
    if (outcome.rejected > 0)
      position_.note = "step " + std::to_string(position_.step + 1) + " was not finite and was halved " +
                       std::to_string(outcome.rejected) + " times";
  }

  void follow_average() {
    if (options_.average <= 0) return;
    const auto point = optimiser_->point();
    if (!average_.defined()) average_ = point.clone();
    average_.lerp_(point, 1 - options_.average);
  }

  Tensor result() const { return (average_.defined() ? average_ : optimiser_->point()).clamp(0, 1); }

  bool report(const PictureLoss& loss) {
    position_.terms = loss.terms;
    position_.seconds = seconds_since(started_);
    if (done_cost_ > 0) position_.seconds_left = position_.seconds * cost_left() / done_cost_;
    position_.memory = resident_bytes();
    position_.preview = [this] { return to_image(result()); };
    const bool wanted = !on_progress_ || on_progress_(position_);
    position_.note.clear();
    return wanted;
  }

  void grow() {
    const auto& next = options_.scales[scale_ + 1];
    const auto larger = [&](const Tensor& x) { return resize(x, next.height, next.width).contiguous(); };
    optimiser_->resize_state(larger);
    if (average_.defined()) average_ = larger(average_);
  }

  void save_sometimes() {
    if (seconds_since(saved_) < kSecondsBetweenCheckpoints) return;
    ++step_;
    save();
    --step_;
    saved_ = Clock::now();
  }

  /// A picture is worth more than its unfinished run: that a full disk does not take it is no reason to end.
  void save() try {
    if (options_.checkpoint.empty()) return;
    write_run_checkpoint(options_.checkpoint, {.identity = options_.identity,
                                               .scale = static_cast<int>(scale_),
                                               .step = step_,
                                               .finished = position_.step,
                                               .optimiser = optimiser_->state(),
                                               .average = average_,
                                               .memory = options_.memory ? *options_.memory : std::vector<double>{}});
  } catch (const Error& error) {
    position_.note = std::string("the unfinished run is not kept: ") + error.what();
  }

  const ObjectiveAtScale& objective_;
  const PictureLoopOptions& options_;
  const OnProgress& on_progress_;
  std::unique_ptr<Optimiser> optimiser_;
  Tensor average_;
  std::size_t scale_ = 0;
  int step_ = 0;  ///< within the scale
  Progress position_;
  double done_cost_ = 0;  ///< by this process
  Clock::time_point started_ = Clock::now(), saved_ = Clock::now();
};

}  // namespace

double PictureLoss::total() const {
  double sum = 0;
  for (const auto& [name, value] : terms) sum += value;
  return sum;
}

std::vector<Scale> coarse_to_fine(std::int64_t height, std::int64_t width, std::int64_t smallest, double factor,
                                  int steps, double fine_share) {
  require(height > 0 && width > 0 && smallest > 0 && factor > 1 && steps > 0 && fine_share > 0 && fine_share <= 1,
          "coarse_to_fine: sizes and steps must be positive, the factor above 1, the share in (0, 1]");
  std::vector<Scale> scales{{height, width, 0}};
  for (double shrink = factor; static_cast<double>(std::max(height, width)) / shrink >= static_cast<double>(smallest);
       shrink *= factor)
    scales.insert(scales.begin(), {std::max<std::int64_t>(1, std::llround(static_cast<double>(height) / shrink)),
                                   std::max<std::int64_t>(1, std::llround(static_cast<double>(width) / shrink)), 0});
  if (scales.size() == 1) fine_share = 1;
  int left = steps;
  for (std::size_t i = scales.size(); i-- > 0;) {
    const bool finest = i + 1 == scales.size();
    const int wanted =
        finest ? static_cast<int>(std::lround(steps * fine_share)) : static_cast<int>(left / static_cast<int>(i + 1));
    scales[i].steps = std::clamp(wanted, 1, std::max(left, 1));
    left -= scales[i].steps;
  }
  return scales;
}

int total_steps(const std::vector<Scale>& scales) {
  int steps = 0;
  for (const auto& scale : scales) steps += scale.steps;
  return steps;
}

Tensor optimise_picture(const Tensor& start, const ObjectiveAtScale& objective, const PictureLoopOptions& options,
                        const OnProgress& on_progress) {
  require(!options.scales.empty(), "optimise_picture: no scale was given");
  return Run(start, objective, options, on_progress).finish();
}

}  // namespace atelier
