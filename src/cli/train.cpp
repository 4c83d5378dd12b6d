#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "atelier/error.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/local_processes.h"
#include "cli/parse.h"
#include "cli/terminal.h"
#include "core/machine.h"
#include "core/nearest_name.h"
#include "core/output_file.h"
#include "media/codecs.h"
#include "methods/train_method.h"
#include "tensor/onednn.h"
#include "tensor/runtime.h"
#include "training/lock_output.h"
#include "training/train_encoder.h"

namespace atelier::cli {
namespace {

constexpr const char* kEncoder = "encoder";

struct Training {
  TrainingOptions options;
  MethodTraining method;
  EncoderTrainingOptions encoder;
  std::string precision = "auto", device = "cpu";
  int threads = 0;
  int processes = 1;  ///< on this machine
  std::int64_t log_every = 50;
  bool force = false;    ///< an earlier run may be overwritten
  bool finished = true;  ///< after its last step; a run that takes none is finished already
  bool stepped = false;  ///< at least once
};

/// Sums progress over the steps between two log lines.
class Log {
 public:
  explicit Log(std::int64_t every) : every_(every) {}

  void add(const TrainingProgress& progress) {
    if (!progress.note.empty()) tell("note: " + shown(progress.note) + "\n");
    loss_ += progress.result.loss;
    for (const auto& [name, value] : progress.result.terms) terms_[name] += value;
    if (++count_ < every_ && progress.step != progress.steps) return;
    tell(line(progress));
    loss_ = count_ = 0;
    terms_.clear();
  }

 private:
  std::string line(const TrainingProgress& progress) const {
    char text[160];
    std::snprintf(text, sizeof text, "step %lld of %lld  loss %.4f  rate %.2e  %.3f s/step  %.0f min left",
                  static_cast<long long>(progress.step), static_cast<long long>(progress.steps),
                  loss_ / static_cast<double>(count_), progress.learning_rate, progress.seconds_per_step,
                  progress.seconds_left / 60);
    std::string full = text;
    for (const auto& [name, value] : terms_) {
      std::snprintf(text, sizeof text, "  %s %.3f", name.c_str(), value / static_cast<double>(count_));
      full += text;
    }
    return full + "\n";
  }

  std::int64_t every_, count_ = 0;
  double loss_ = 0;
  std::map<std::string, double> terms_;
};

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

void learn(Training& training, const OnTraining& on_progress) {
  if (training.method.method == kEncoder) {
    train_encoder(training.encoder, training.options, on_progress);
  } else {
    train_method(training.method, training.options, on_progress);
  }
}

/// With the processes of other machines, or alone.
void learn_as_told(Training& training) {
  configure_runtime(training.threads);
  auto& role = training.options.role;
  role.keep_waiting = [] { return !interrupted(); };
  if (role.rank > 0)
    tell("rank " + std::to_string(role.rank) + " of " + std::to_string(role.processes) +
         ": the log and the files are with rank 0\n");
  if (!has_codecs()) tell("note: this build writes no pictures, so there is no preview\n");
  Log log(training.log_every);
  learn(training, [&](const TrainingProgress& progress) {
    if (role.rank == 0) log.add(progress);
    training.stepped = true;
    training.finished = progress.step >= progress.steps || progress.seconds_left <= 0;
    return !interrupted();
  });
}

/// With further processes on this machine.
void learn_with_others(Training& training, const Arguments& arguments) {
  require(training.options.role.processes == 1,
          "--processes starts processes on this machine, --world waits for those of others; give one of the two");
  check_role({.rank = 0, .processes = training.processes, .meeting = "localhost:1"});
  if (training.threads == 0) training.threads = std::max(1, usable_cores() / training.processes);
  LocalProcesses others(training.processes, training.threads, "train", arguments);
  training.options.role = others.role();
  try {
    learn_as_told(training);
  } catch (const Error& error) {
    throw others.cause_of(error);
  }
  others.wait();
}

/// Only rank 0 has files.
void require_no_earlier_run(const Training& training) {
  const auto& options = training.options;
  const auto checkpoint = checkpoint_of(options.output);
  require(options.resume || training.force || options.role.rank > 0 || !std::filesystem::exists(checkpoint),
          checkpoint.string() +
              " is from an earlier run; give --resume to go on with it, another --output, or --force to begin anew");
}

/// Before the first step, not at the first save.
void require_writable(const Training& training) {
  const auto output = training.options.output.string();
  require(output.ends_with(".safetensors"),
          "the model \"" + output + "\" would be a safetensors file; give it a name that ends in .safetensors");
  if (training.options.role.rank > 0) return;
  auto inputs = training.method.styles;
  for (const auto& photos : training.method.photos) inputs.push_back(photos.string());
  check_writable("output", output, inputs);
}

int run(Training& training, const Arguments& arguments) {
  auto& method = training.method;
  auto& encoder = training.encoder;
  method.bf16 = encoder.bf16 = training.precision == "bf16" || (training.precision == "auto" && onednn_has_fast_bf16());
  method.device = encoder.device = training.device;
  encoder.seed = training.options.seed;
  encoder.photos = method.photos;
  if (has_codecs()) training.options.preview = training.options.output.string() + ".preview.png";
  training.options.chart = training.options.output.string() + ".html";
  const auto& role = training.options.role;
  require(role.meeting.empty() || role.processes != 1,
          "--meet is of no use to one process; add --world N and --rank R");
  check_training(training.options);
  require_writable(training);
  const auto lock = lock_output(training.options);
  require_no_earlier_run(training);
  if (training.processes == 1) {
    learn_as_told(training);
  } else {
    learn_with_others(training, arguments);
  }
  if (!training.stepped && role.rank == 0)
    tell("note: the run had ended before; more --steps or a longer --time-budget let it go on\n");
  if (interrupted() && !training.finished)
    throw Error("stopped; the run is kept beside the output, continue it with --resume", ErrorKind::kStopped);
  return 0;
}

Schedule schedule_called(const std::string& name) { return name == "cosine" ? Schedule::kCosine : Schedule::kLinear; }

void add_process_options(CLI::App& app, Training& training) {
  auto& role = training.options.role;
  app.add_option("--processes", training.processes, "processes on this machine that train together, each with a batch")
      ->type_name("N")
      ->check(CLI::Range(1, 256));
  app.add_option("--world", role.processes, "processes on several machines that train together")->type_name("N");
  app.add_option("--rank", role.rank, "which of them this one is, from 0; rank 0 writes and logs")->type_name("R");
  app.add_option("--meet", role.meeting, "where rank 0 waits for them, on a network that is trusted")
      ->type_name("HOST:PORT");
}

void add_encoder_options(CLI::App& app, EncoderTrainingOptions& encoder) {
  app.add_option("--paintings", encoder.paintings, "folders of paintings")->required()->type_name("DIR...");
  app.add_option("--stylised", encoder.stylised, "folders of pictures made by tools/stylised_set")->type_name("DIR...");
  app.add_option("--teacher-front", encoder.teacher_front, "exact VGG-19 through conv3_1")
      ->required()
      ->type_name("FILE");
  app.add_option("--teacher-deep", encoder.teacher_deep, "compressed VGG-19 through conv5_1")
      ->required()
      ->type_name("FILE");
  app.add_option("--batch", encoder.batch, "crops per step")->type_name("N");
  app.add_option("--crop", encoder.crop, "side of a crop in pixels")->type_name("N");
  app.add_option("--decorrelation", encoder.decorrelation, "weight of the penalty on correlated channels")
      ->type_name("X");
}

void add_style_options(CLI::App& app, MethodTraining& method, const std::vector<Option>& own) {
  app.add_option("-s,--style", method.styles, "paintings to learn, or folders of them")->type_name("IMG...");
  app.add_option("--cards", method.cards, "JSON list of the styles: name, file, title, artist, year, ...")
      ->type_name("FILE");
  app.add_option("--style-size", method.style_size, "longer side of the paintings: the scale of their strokes")
      ->type_name("N")
      ->check(CLI::Range(64, 4096));
  app.add_option("--encoder", method.encoder, "network whose features are compared")->type_name("MODEL");
  add_options(app, own, "Options of this training", method.options);
}

/// Options depend on what is trained, which must be known before parsing.
void add_own_options(CLI::App& app, const Arguments& arguments, Training& training) {
  const auto what = arguments.empty() || arguments.front().starts_with("-") ? std::string() : arguments.front();
  if (what.empty()) return;
  if (what == kEncoder) return add_encoder_options(app, training.encoder);
  auto names = trainable_methods();
  names.emplace_back(kEncoder);
  require(std::find(names.begin(), names.end(), what) != names.end(),
          "there is no training of \"" + what + "\"; " + did_you_mean(what, names, "atelier train --help"));
  add_style_options(app, training.method, training_options(what));
}

}  // namespace

Run describe_train(CLI::App& app, const Arguments& arguments) {
  const auto training = std::make_shared<Training>();
  auto& options = training->options;
  app.add_option("what", training->method.method, "encoder, " + joined(trainable_methods()))
      ->required()
      ->type_name("ID");
  app.add_option("--photos", training->method.photos, "folders of photos, or files made by `atelier dataset pack`")
      ->required()
      ->type_name("DIR...");
  app.add_option("-o,--output", options.output,
                 "model to write; OUTPUT.checkpoint keeps the run, OUTPUT.preview.png, .html and .png show it")
      ->required()
      ->type_name("FILE");
  auto* resume = app.add_flag("--resume", options.resume, "go on from OUTPUT.checkpoint");
  app.add_flag("--force", training->force, "begin anew where OUTPUT.checkpoint is from an earlier run")
      ->excludes(resume);
  app.add_option("--initial", options.initial,
                 "checkpoint of an earlier run, or a model of the same training and shape, to start from")
      ->type_name("MODEL");
  app.add_option("--steps", options.steps, "optimiser steps in all")->type_name("N");
  add_duration(app, "--time-budget", options.time_budget, "end after this time, for instance 90s, 30m or 2h");
  app.add_option("--learning-rate", options.learning_rate,
                 "Adam's rate after the warm-up (default: what the training says)")
      ->type_name("X");
  app.add_option("--warm-up", options.warm_up, "steps over which the rate rises")->type_name("N");
  app.add_option("--decay-share", options.decay_share, "last part of the run over which the rate falls to 0")
      ->type_name("X");
  app.add_option_function<std::string>(
         "--schedule", [&options](const std::string& typed) { options.schedule = schedule_called(typed); },
         "how the rate falls: linear or cosine [linear]")
      ->type_name("NAME")
      ->check(CLI::IsMember({"linear", "cosine"}));
  app.add_option("--weight-decay", options.weight_decay, "AdamW's; 0: Adam")->type_name("X");
  app.add_option("--clip-norm", options.clip_norm, "largest norm of a gradient")->type_name("X");
  app.add_option("--seed", options.seed, "seed of weights and crops")->type_name("N")->check(CLI::NonNegativeNumber);
  app.add_option("--precision", training->precision,
                 "arithmetic of the networks; auto: bf16 where the processor gains by it")
      ->check(CLI::IsMember({"auto", "bf16", "fp32"}));
  app.add_option("--device", training->device, "where the networks compute: cpu, cuda, cuda:N")->type_name("DEVICE");
  app.add_option("--save-every", options.save_every, "steps between checkpoints")->type_name("N");
  app.add_option("--log-every", training->log_every, "steps between log lines")
      ->type_name("N")
      ->check(CLI::Range(1, 1000000));
  app.add_option("--threads", training->threads, "threads of each process (0: all cores)")
      ->type_name("N")
      ->check(CLI::Range(0, 1024));
  add_process_options(app, *training);
  add_own_options(app, arguments, *training);
  return [training, arguments] { return run(*training, arguments); };
}

}  // namespace atelier::cli
