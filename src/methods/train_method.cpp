#include "methods/train_method.h"

#include "atelier/error.h"
#include "methods/method.h"
#include "tensor/device.h"
#include "training/read_styles.h"
#include "training/trainer.h"

namespace atelier {
namespace {

const MethodInfo& trainable(const std::string& name) {
  const auto& method = find_method(name);
  require(method.make_training != nullptr, "the method " + name + " has nothing to train; see `atelier methods`");
  return method;
}

/// `on_progress`, told of the paintings that were passed over before all else.
OnTraining telling_of(const SkippedFiles& paintings, const OnTraining& on_progress) {
  return [note = note_of(paintings), on_progress](TrainingProgress progress) mutable {
    if (!note.empty()) progress.note = note + (progress.note.empty() ? "" : "; " + progress.note);
    note.clear();
    return on_progress(progress);
  };
}

}  // namespace

std::vector<std::string> trainable_methods() {
  std::vector<std::string> names;
  for (const auto& method : all_methods())
    if (method.make_training != nullptr) names.emplace_back(method.name);
  return names;
}

std::vector<Option> training_options(const std::string& method) { return trainable(method).training_options; }

void train_method(const MethodTraining& what, const TrainingOptions& options, const OnTraining& on_progress) {
  const auto& method = trainable(what.method);
  check_training(options);
  require(what.style_size >= 64 && what.style_size <= 4096,
          "--style-size cannot be " + std::to_string(what.style_size) + "; give a whole number from 64 to 4096");
  const Values values(method.training_options, what.options);
  SkippedFiles skipped;
  const TrainingInputs inputs{what.photos,  read_styles(what.styles, what.cards, what.style_size, skipped),
                              what.encoder, what.bf16,
                              options.seed, parse_device(what.device, options.role.rank)};
  const auto task = method.make_training(values, inputs);
  train(*task, options, telling_of(skipped, on_progress));
}

}  // namespace atelier
