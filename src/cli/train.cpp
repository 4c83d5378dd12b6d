#include <cstdio>
#include <memory>

#include "atelier/error.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"
#include "tensor/runtime.h"
#include "training/train_encoder.h"

namespace atelier::cli {
namespace {

struct Training {
  std::string what;
  EncoderTrainingOptions encoder;
  std::string precision = "bf16";
  int threads = 0;
  std::int64_t log_every = 50;
};

/// Sums progress over the steps between two log lines.
class Log {
 public:
  explicit Log(std::int64_t every) : every_(every) {}

  void add(const EncoderTrainingProgress& progress) {
    if (!progress.note.empty()) tell("note: " + progress.note + "\n");
    loss_ += progress.loss;
    for (const auto& [tap, share] : progress.unexplained) unexplained_[tap] += share;
    if (++count_ < every_ && progress.step != progress.steps) return;
    tell(line(progress));
    loss_ = count_ = 0;
    unexplained_.clear();
  }

 private:
  std::string line(const EncoderTrainingProgress& progress) const {
    char text[160];
    std::snprintf(text, sizeof text, "step %lld of %lld  loss %.4f  rate %.2e  %.3f s/step  unexplained",
                  static_cast<long long>(progress.step), static_cast<long long>(progress.steps),
                  loss_ / static_cast<double>(count_), progress.learning_rate, progress.seconds_per_step);
    std::string full = text;
    for (const auto& [tap, share] : unexplained_) {
      std::snprintf(text, sizeof text, " %s %.3f", tap.c_str(), share / static_cast<double>(count_));
      full += text;
    }
    return full + "\n";
  }

  std::int64_t every_, count_ = 0;
  double loss_ = 0;
  std::map<std::string, double> unexplained_;
};

int run(Training& training) {
  require(training.what == "encoder",
          "there is no training of \"" + training.what + "\"; this version trains: encoder");
  configure_runtime(training.threads);
  training.encoder.bf16 = training.precision == "bf16";
  Log log(training.log_every);
  train_encoder(training.encoder, [&](const EncoderTrainingProgress& progress) {
    log.add(progress);
    return !interrupted();
  });
  require(!interrupted(), "stopped; the run is kept beside the output, continue it with --resume");
  return 0;
}

}  // namespace

Run describe_train(CLI::App& app, const Arguments&) {
  const auto training = std::make_shared<Training>();
  auto& encoder = training->encoder;
  app.add_option("what", training->what, "what to train: encoder")->required()->type_name("ID");
  app.add_option("--photos", encoder.photos, "folders of photos")->required()->type_name("DIR...");
  app.add_option("--paintings", encoder.paintings, "folders of paintings")->required()->type_name("DIR...");
  app.add_option("--stylised", encoder.stylised, "folders of pictures made by tools/stylised_set")->type_name("DIR...");
  app.add_option("--initial", encoder.initial, "checkpoint of an earlier run to start from")->type_name("FILE");
  app.add_option("--teacher-front", encoder.teacher_front, "exact VGG-19 through conv3_1")
      ->required()
      ->type_name("FILE");
  app.add_option("--teacher-deep", encoder.teacher_deep, "compressed VGG-19 through conv5_1")
      ->required()
      ->type_name("FILE");
  app.add_option("-o,--output", encoder.output, "encoder to write; OUTPUT.checkpoint keeps the run")
      ->required()
      ->type_name("FILE");
  app.add_flag("--resume", encoder.resume, "go on from OUTPUT.checkpoint");
  app.add_option("--steps", encoder.steps, "optimiser steps in all")->type_name("N");
  app.add_option("--batch", encoder.batch, "crops per step")->type_name("N");
  app.add_option("--crop", encoder.crop, "side of a crop in pixels")->type_name("N");
  app.add_option("--learning-rate", encoder.learning_rate, "Adam's rate after the warm-up")->type_name("X");
  app.add_option("--decay-share", encoder.decay_share, "last part of the steps over which the rate falls to 0")
      ->type_name("X");
  app.add_option("--decorrelation", encoder.decorrelation, "weight of the penalty on correlated channels")
      ->type_name("X");
  app.add_option("--seed", encoder.seed, "seed of weights and crops")->type_name("N");
  app.add_option("--precision", training->precision, "arithmetic of the networks")
      ->check(CLI::IsMember({"bf16", "fp32"}));
  app.add_option("--save-every", encoder.save_every, "steps between checkpoints")
      ->type_name("N")
      ->check(CLI::Range(1, 1000000));
  app.add_option("--log-every", training->log_every, "steps between log lines")
      ->type_name("N")
      ->check(CLI::Range(1, 1000000));
  app.add_option("--threads", training->threads, "threads (0: all cores)")->type_name("N")->check(CLI::Range(0, 1024));
  return [training] { return run(*training); };
}

}  // namespace atelier::cli
