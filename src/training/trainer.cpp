#include "training/trainer.h"

#include <torch/torch.h>

#include <chrono>

#include "atelier/error.h"
#include "core/atomic_file.h"
#include "media/image_file.h"
#include "tensor/image_tensor.h"
#include "tensor/weight_tensor.h"
#include "training/adam_average.h"
#include "training/loss_chart.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kBadStepsInARow = 5, kMostRecoveries = 5;

class Run {
 public:
  Run(TrainingTask& task, const TrainingOptions& options)
      : task_(task), options_(options), optimiser_(task.parameters()) {
    optimiser_.set_rate_factors([&](const std::string& name) { return task.rate_factor(name); });
    if (options.resume) {
      restore();
    } else if (!options.initial.empty()) {
      optimiser_.restore(read_safetensors(options.initial));
    }
  }

  bool finished() const {
    return step_ >= options_.steps || (options_.time_budget > 0 && seconds_ >= options_.time_budget);
  }

  std::int64_t timed() const { return timed_; }

  TrainingProgress train_step() {
    const auto start = Clock::now();
    TrainingProgress progress;
    progress.learning_rate = learning_rate();
    progress.result = task_.step(options_.seed * 1'000'003ULL + static_cast<std::uint64_t>(step_));
    history_.add(step_, progress.result.loss, progress.result.terms);
    if (optimiser_.step(progress.learning_rate, options_.clip_norm)) {
      bad_ = 0;
    } else {
      progress.note = "step " + std::to_string(step_) + " had no finite gradient and was left out";
      if (++bad_ == kBadStepsInARow) recover(progress.note);
    }
    ++step_, ++timed_;
    const double taken = std::chrono::duration<double>(Clock::now() - start).count();
    seconds_ += taken;
    recent_ += (taken - recent_) / static_cast<double>(std::min<std::int64_t>(timed_, 50));
    fill(progress);
    progress.preview = [this] {
      const auto sheet = task_.preview(averages());
      return sheet.defined() ? to_image(sheet) : Image();
    };
    return progress;
  }

  /// Writes checkpoint, model and preview, as far as they are wanted.
  WeightSet save() const {
    if (!options_.output.empty()) save_checkpoint();
    const auto averages = this->averages();
    auto model = task_.model(averages);
    model.metadata["training"] = task_.settings();
    model.metadata["steps"] = std::to_string(step_);
    if (!options_.output.empty()) write_safetensors(options_.output, model);
    const auto sheet = options_.preview.empty() ? Tensor() : task_.preview(averages);
    if (sheet.defined()) write_image(options_.preview.string(), to_image(sheet));
    if (!options_.chart.empty()) write_chart(sheet.defined());
    return model;
  }

 private:
  void save_checkpoint() const {
    auto state = optimiser_.state();
    for (const auto& [name, tensor] : task_.state()) state.emplace_back("task/" + name, tensor);
    auto weights = to_weight_set(state);
    weights.metadata["step"] = std::to_string(step_);
    weights.metadata["seconds"] = std::to_string(seconds_);
    weights.metadata["rate_factor"] = std::to_string(rate_factor_);
    weights.metadata["settings"] = task_.settings();
    weights.metadata["history"] = history_.to_json();
    write_safetensors(checkpoint_path(), weights);
  }

  void write_chart(bool with_preview) const {
    AtomicFile file(options_.chart);
    file.write(chart_page(options_.output.filename().string() + ", step " + std::to_string(step_), history_,
                          with_preview ? options_.preview.filename().string() : ""));
    file.commit();
  }

  double progress_share() const {
    const double by_steps = static_cast<double>(step_) / static_cast<double>(options_.steps);
    return options_.time_budget > 0 ? std::max(by_steps, seconds_ / options_.time_budget) : by_steps;
  }

  double learning_rate() const {
    const double warm = options_.initial.empty() && options_.warm_up > 0
                            ? std::min(1.0, static_cast<double>(step_ + 1) / static_cast<double>(options_.warm_up))
                            : 1.0;
    const double falling = (1 - progress_share()) / std::max(options_.decay_share, 1e-9);
    return options_.learning_rate * rate_factor_ * std::clamp(std::min(warm, falling), 0.0, 1.0);
  }

  void recover(std::string& note) {
    require(++recoveries_ <= kMostRecoveries,
            "the training has diverged at step " + std::to_string(step_) +
                "; start again with a lower --learning-rate, the last checkpoint is intact");
    optimiser_.return_to_average();
    rate_factor_ /= 2;
    bad_ = 0;
    note += "; returned to the averaged weights with half the rate";
  }

  void fill(TrainingProgress& progress) const {
    progress.step = step_;
    progress.steps = options_.steps;
    progress.seconds_per_step = recent_;
    progress.seconds_left = recent_ * static_cast<double>(options_.steps - step_);
    if (options_.time_budget > 0)
      progress.seconds_left = std::min(progress.seconds_left, options_.time_budget - seconds_);
  }

  std::vector<Tensor> averages() const {
    std::vector<Tensor> all;
    for (std::size_t i = 0; i < optimiser_.parameters().size(); ++i) all.push_back(optimiser_.average(i));
    return all;
  }

  std::filesystem::path checkpoint_path() const { return options_.output.string() + ".checkpoint"; }

  void restore() {
    const auto saved = read_safetensors(checkpoint_path());
    const auto kept = saved.metadata.find("settings");
    require(
        kept != saved.metadata.end() && kept->second == task_.settings(),
        checkpoint_path().string() + " was made with other settings or data; repeat them, or start without --resume");
    optimiser_.restore(saved);
    for (auto& [name, tensor] : task_.state()) Tensor(tensor).copy_(to_float_tensor(saved, "task/" + name));
    step_ = std::stoll(saved.metadata.at("step"));
    seconds_ = std::stod(saved.metadata.at("seconds"));
    rate_factor_ = std::stod(saved.metadata.at("rate_factor"));
    history_ = LossHistory::from_json(saved.metadata.at("history"));
  }

  TrainingTask& task_;
  const TrainingOptions& options_;
  AdamAverage optimiser_;
  LossHistory history_;
  std::int64_t step_ = 0, timed_ = 0;
  double seconds_ = 0, recent_ = 0, rate_factor_ = 1;
  int bad_ = 0, recoveries_ = 0;
};

}  // namespace

WeightSet train(TrainingTask& task, const TrainingOptions& options, const OnTraining& on_progress) {
  require(options.steps > 0 && options.save_every > 0 && options.learning_rate > 0,
          "train: the steps, the steps between checkpoints and the learning rate must be positive");
  require(!options.output.empty() || !options.resume, "train: a run without an output cannot be resumed; add one");
  Run run(task, options);
  WeightSet model;
  bool wanted = true, first = true;
  while (wanted && !run.finished()) {
    auto progress = run.train_step();
    if (first && !task.note().empty()) progress.note = task.note();
    first = false;
    wanted = on_progress(progress);
    if (progress.step % options.save_every == 0 || run.finished() || !wanted) model = run.save();
  }
  return run.timed() > 0 ? model : run.save();
}

}  // namespace atelier
