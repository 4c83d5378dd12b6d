#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "atelier/option.h"
#include "tensor/onednn.h"
#include "training/training_options.h"

namespace atelier {

/// What `atelier train METHOD` was asked for, beside the trainer's own options.
struct MethodTraining {
  std::string method;
  std::vector<std::filesystem::path> photos;  ///< folders or packs
  std::vector<std::string> styles;            ///< pictures, or folders of them
  std::filesystem::path cards;                ///< JSON list of styles, see read_styles(); empty for none
  int style_size = 512;                       ///< longer side to which the styles are scaled
  std::string encoder = "compact";            ///< the loss network
  bool bf16 = onednn_has_fast_bf16();
  std::string device = "cpu";                  ///< where the networks compute (tensor/device.h)
  std::map<std::string, std::string> options;  ///< the method's own, as typed
};

/// The methods whose models can be trained.
std::vector<std::string> trainable_methods();

/// The options of that training. @throws Error when the method has none.
std::vector<Option> training_options(const std::string& method);

/// Reads the styles and trains. @throws Error for unusable data, options or files.
void train_method(const MethodTraining& what, const TrainingOptions& options, const OnTraining& on_progress);

}  // namespace atelier
