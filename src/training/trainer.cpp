#include "training/trainer.h"

#include <torch/torch.h>

#include <chrono>

#include "atelier/error.h"
#include "core/atomic_file.h"
#include "core/printable.h"
#include "media/codecs.h"
#include "media/image_file.h"
#include "tensor/image_tensor.h"
#include "tensor/weight_tensor.h"
#include "training/adam_average.h"
#include "training/checkpoint_fields.h"
#include "training/loss_chart.h"
#include "training/process_group.h"
#include "weights/model_store.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kBadStepsInARow = 5, kMostRecoveries = 5;

/// What the user wants, else what the task says.
Pace pace_of(const TrainingTask& task, const TrainingOptions& options) {
  auto pace = task.pace();
  pace.learning_rate = options.learning_rate.value_or(pace.learning_rate);
  pace.warm_up = options.warm_up.value_or(options.initial.empty() ? pace.warm_up : 0);
  pace.decay_share = options.decay_share.value_or(pace.decay_share);
  pace.clip_norm = options.clip_norm.value_or(pace.clip_norm);
  return pace;
}

/// A set of parameters that is updated in turns of its own.
struct Player {
  std::string prefix;  ///< of its tensors in a checkpoint
  double rate;
  AdamAverage optimiser;
  int bad = 0;  ///< turns in a row without a finite gradient
};

std::vector<Player> players_of(const TrainingTask& task, const Pace& pace, double weight_decay) {
  std::vector<Player> players;
  players.push_back({"", 1, AdamAverage(task.parameters(), pace.decays)});
  players.front().optimiser.set_rate_factors([&](const std::string& name) { return task.rate_factor(name); });
  for (auto& opponent : task.opponents())
    players.push_back({opponent.name + "/", opponent.rate, AdamAverage(std::move(opponent.parameters), pace.decays)});
  for (auto& player : players) player.optimiser.set_weight_decay(weight_decay);
  return players;
}

class Run {
 public:
  Run(TrainingTask& task, const TrainingOptions& options)
      : task_(task),
        options_(options),
        pace_(pace_of(task, options)),
        players_(players_of(task, pace_, options.weight_decay)),
        group_(options.role) {
    if (options.resume && group_.leads()) {
      restore();
    } else if (!options.initial.empty() && group_.leads()) {
      start_from(open_model(options.initial));
    }
    if (!group_.alone()) start_as_the_first();
  }

  bool finished() const {
    return step_ >= options_.steps || (options_.time_budget && seconds_ >= *options_.time_budget);
  }

  std::int64_t timed() const { return timed_; }

  TrainingProgress train_step() {
    const auto start = Clock::now();
    TrainingProgress progress;
    progress.learning_rate = learning_rate();
    take_turns(progress);
    history_.add(step_, progress.result.loss, progress.result.terms);
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

  /// Whether all processes want to go on; the time that has passed is the first one's.
  bool all_want_to_go_on(bool wanted) {
    if (group_.alone()) return wanted;
    auto told = torch::tensor({group_.leads() ? seconds_ : 0.0, wanted ? 0.0 : 1.0}, torch::kDouble);
    group_.sum(told);
    seconds_ = told[0].item<double>();
    return told[1].item<double>() == 0;
  }

  /// Writes checkpoint, model and preview, as far as they are wanted. @throws Error, and leaves those before, when the
  /// weights are no longer finite, or not in the model's precision.
  WeightSet save() const {
    const auto kept = checkpoint();
    if (not_finite(kept)) throw diverged();
    const auto averages = this->averages();
    auto model = task_.model(averages);
    if (not_finite(model)) throw diverged();
    model.metadata["training"] = settings();
    model.metadata["steps"] = std::to_string(step_);
    if (!group_.leads()) return model;
    if (!options_.output.empty()) {
      write_safetensors(checkpoint_of(options_.output), kept);
      write_safetensors(options_.output, model);
    }
    const auto sheet = options_.preview.empty() ? Tensor() : task_.preview(averages);
    if (sheet.defined()) write_image(options_.preview.string(), to_image(sheet));
    if (!options_.chart.empty()) write_chart(sheet.defined());
    return model;
  }

 private:
  void take_turns(TrainingProgress& progress) {
    Turn turn;
    turn.step = step_;
    turn.seed = options_.seed * 1'000'003ULL +
                static_cast<std::uint64_t>(step_ * group_.role().processes + group_.role().rank);
    for (const auto player : task_.turns(step_)) {
      turn.player = player;
      auto result = task_.turn(turn);
      if (player == 0) progress.result.loss = result.loss;
      for (const auto& [name, value] : result.terms) progress.result.terms[name] = value;
      update(player, progress);
      ++turn.index;
    }
    if (!group_.alone()) share_state();
  }

  void share_state() {
    std::vector<Tensor> shared;
    for (const auto& [name, tensor] : task_.state())
      if (!task_.kept_apart(name)) shared.push_back(tensor);
    group_.average(shared);
  }

  void update(std::size_t player, TrainingProgress& progress) {
    auto& playing = players_.at(player);
    group_.average_gradients(playing.optimiser.parameters());
    if (playing.optimiser.step(progress.learning_rate * playing.rate, pace_.clip_norm)) {
      playing.bad = 0;
      return task_.updated(player);
    }
    progress.note = "step " + std::to_string(step_) + " had no finite gradient and was left out";
    if (++playing.bad == kBadStepsInARow) recover(progress.note);
  }

  /// Everything that changes while training.
  TrainingTask::NamedTensors changing() const {
    TrainingTask::NamedTensors all;
    for (const auto& player : players_)
      for (const auto& tensor : player.optimiser.state(player.prefix)) all.push_back(tensor);
    for (const auto& [name, tensor] : task_.state()) all.emplace_back("task/" + name, tensor);
    return all;
  }

  /// As a file's metadata can hold them.
  std::string settings() const { return valid_utf8(task_.settings()); }

  WeightSet checkpoint() const {
    auto weights = to_weight_set(changing());
    weights.metadata = task_.descriptions();
    weights.metadata["step"] = std::to_string(step_);
    weights.metadata["seconds"] = std::to_string(seconds_);
    weights.metadata["rate_factor"] = std::to_string(rate_factor_);
    weights.metadata["settings"] = settings();
    weights.metadata["history"] = history_.to_json();
    return weights;
  }

  void write_chart(bool with_preview) const {
    AtomicFile file(options_.chart);
    file.write(chart_page(options_.output.filename().string() + ", step " + std::to_string(step_), history_,
                          with_preview ? options_.preview.filename().string() : ""));
    file.commit();
    if (!has_codecs() || history_.points().empty()) return;
    auto picture = options_.chart;
    write_image(picture.replace_extension(".png").string(), chart_sheet(history_));
  }

  double progress_share() const {
    const double by_steps = static_cast<double>(step_) / static_cast<double>(options_.steps);
    return options_.time_budget ? std::max(by_steps, seconds_ / *options_.time_budget) : by_steps;
  }

  double learning_rate() const {
    const double risen =
        pace_.warm_up > 0 ? static_cast<double>(step_ + 1) / static_cast<double>(pace_.warm_up) : 1.0;
    return pace_.learning_rate * rate_factor_ *
           rate_share(options_.schedule, risen, progress_share(), pace_.decay_share);
  }

  Error diverged() const {
    const auto what = "the training has diverged at step " + std::to_string(step_) + "; ";
    if (options_.output.empty()) return Error(what + "try another picture or --seed", ErrorKind::kFailure);
    const bool kept = std::filesystem::exists(checkpoint_of(options_.output));
    return Error(what + "start again with a lower --learning-rate" + (kept ? ", the last checkpoint is intact" : ""),
                 ErrorKind::kFailure);
  }

  void recover(std::string& note) {
    if (++recoveries_ > kMostRecoveries) throw diverged();
    for (auto& player : players_) {
      player.optimiser.return_to_average();
      player.bad = 0;
    }
    rate_factor_ /= 2;
    note += "; returned to the averaged weights with half the rate";
  }

  void fill(TrainingProgress& progress) const {
    progress.step = step_;
    progress.steps = options_.steps;
    progress.seconds_per_step = recent_;
    progress.seconds_left = recent_ * static_cast<double>(options_.steps - step_);
    if (options_.time_budget)
      progress.seconds_left = std::min(progress.seconds_left, *options_.time_budget - seconds_);
  }

  std::vector<Tensor> averages() const {
    std::vector<Tensor> all;
    const auto& model = players_.front().optimiser;
    for (std::size_t i = 0; i < model.parameters().size(); ++i) all.push_back(model.average(i));
    return all;
  }

  void restore_players(const WeightSet& saved) {
    for (auto& player : players_) player.optimiser.restore(saved, player.prefix);
  }

  /// A model is what was learnt alone, with the statistics of its norms: the optimiser starts anew.
  void start_from(const WeightSet& earlier) {
    if (earlier.metadata.contains("settings")) return restore_players(earlier);
    players_.front().optimiser.start_from(earlier, [&](const std::string& name) { return task_.name_in_model(name); });
    for (auto& [name, tensor] : task_.state()) {
      const auto found = earlier.tensors.find(task_.name_in_model(name));
      if (found != earlier.tensors.end() && found->second.shape == tensor.sizes().vec())
        Tensor(tensor).copy_(to_float_tensor(earlier, found->first));
    }
  }

  void restore() {
    const auto file = checkpoint_of(options_.output);
    const auto saved = read_safetensors(file);
    const auto kept = saved.metadata.find("settings");
    require(kept != saved.metadata.end() && kept->second == settings(),
            file.string() + " was made with other settings or data; repeat them, or start without --resume");
    continue_from(saved);
  }

  void continue_from(const WeightSet& saved) {
    restore_players(saved);
    for (auto& [name, tensor] : task_.state()) restore_state(saved, name, tensor);
    step_ = count_in(saved, "step");
    seconds_ = number_in(saved, "seconds");
    rate_factor_ = number_in(saved, "rate_factor");
    history_ = LossHistory::from_json(text_in(saved, "history"));
  }

  static void restore_state(const WeightSet& saved, const std::string& name, Tensor tensor) {
    const auto value = to_float_tensor(saved, "task/" + name);
    require(value.sizes() == tensor.sizes(),
            "the checkpoint's task/" + name + " has another shape; it is damaged or of another run");
    tensor.copy_(value);
  }

  /// What all processes must have been told alike.
  std::string plan() const {
    std::string text = task_.settings();
    for (const double value : {static_cast<double>(options_.steps), options_.time_budget.value_or(0), pace_.learning_rate,
                               static_cast<double>(pace_.warm_up), pace_.decay_share, pace_.clip_norm,
                               options_.weight_decay, options_.schedule == Schedule::kCosine ? 1.0 : 0.0})
      text += " " + std::to_string(value);
    return text + " " + std::to_string(options_.seed);
  }

  void start_as_the_first() {
    require(group_.of_first(plan()) == plan(),
            "this process was told to train something else than the first one; give all the same options and data");
    auto tensors = changing();
    for (auto& [name, tensor] : tensors) tensor = group_.of_first(tensor);
    auto saved = to_weight_set(tensors);
    for (const auto& [key, value] : checkpoint().metadata) saved.metadata[key] = group_.of_first(value);
    continue_from(saved);
  }

  TrainingTask& task_;
  const TrainingOptions& options_;
  Pace pace_;
  std::vector<Player> players_;
  ProcessGroup group_;
  LossHistory history_;
  std::int64_t step_ = 0, timed_ = 0;
  double seconds_ = 0, recent_ = 0, rate_factor_ = 1;
  int recoveries_ = 0;
};

}  // namespace

StepResult TrainingTask::step(std::uint64_t) {
  throw Error("this training has several players and no single step; give turn() in the task", ErrorKind::kFailure);
}

WeightSet train(TrainingTask& task, const TrainingOptions& options, const OnTraining& on_progress) {
  check_training(options);
  require(!options.output.empty() || !options.resume, "train: a run without an output cannot be resumed; add one");
  Run run(task, options);
  WeightSet model;
  bool wanted = true, first = true;
  while (wanted && !run.finished()) {
    auto progress = run.train_step();
    if (first && !task.note().empty()) progress.note = task.note();
    first = false;
    wanted = run.all_want_to_go_on(on_progress(progress));
    if (progress.step % options.save_every == 0 || run.finished() || !wanted) model = run.save();
  }
  return run.timed() > 0 ? model : run.save();
}

}  // namespace atelier
