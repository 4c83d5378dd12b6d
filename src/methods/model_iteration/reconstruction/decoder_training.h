#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dataset/image_pool.h"
#include "methods/model_iteration/reconstruction/decoders.h"
#include "methods/model_iteration/reconstruction/feature_transform.h"
#include "methods/options.h"
#include "training/style_training.h"
#include "training/trainer.h"

namespace atelier::reconstruction {

/// Everything that decides how one decoder is trained.
struct DecoderTrainingSettings {
  std::string method;           ///< that applies the model: its name goes into the file
  std::string tap = "relu4_1";  ///< where the decoder starts
  std::string start;            ///< model to start from and whose other decoders are kept; empty: random weights
  MirrorOptions mirror;
  Transform transform = Transform::kEigen;
  double transferred = 0;  ///< share of each batch whose features first take on a painting's statistics
  double pixel_weight = 10, feature_weight = 1, style_weight = 0;
  bool gram = false;  ///< style as Gram matrices instead of means and deviations
  std::int64_t batch = 4, crop = 192;

  std::string text() const;
};

/// Trains a decoder to undo an encoder. With D the decoder, Φ the encoder at the tap, T the transfer of a painting's
/// statistics:
///
///     photos       pixel weight · mean (D(Φ(x)) - x)²  +  feature weight · ‖Φ(D(Φ(x))) - Φ(x)‖² / ‖Φ(x)‖²
///     transferred  feature weight · ‖Φ(D(t)) - t‖² / ‖t‖²  +  style weight · distance of D(t) to the painting,
///                  t = T(Φ(x)), averaged over relu1_1 … the tap
///
/// Papers: Li et al., NIPS 2017, eq. 1 (photos); Huang & Belongie, ICCV 2017, eq. 11 to 13 (transferred). Deviations:
/// distances are relative to their targets, features are compared through the encoder's readout.
class DecoderTraining final : public TrainingTask {
 public:
  /// @throws Error when a folder holds no pictures, the settings do not fit, or there are no paintings to transfer.
  DecoderTraining(const DecoderTrainingSettings& settings, const TrainingInputs& inputs);

  NamedTensors parameters() const override;
  StepResult step(std::uint64_t seed) override;
  WeightSet model(const std::vector<Tensor>& averages) const override;
  std::string name_in_model(const std::string& tensor) const override { return settings_.tap + "." + tensor; }
  std::string settings() const override { return settings_.text() + identity_; }
  Tensor preview(const std::vector<Tensor>& averages) const override;
  std::string note() const override;

 private:
  struct Batch {
    Tensor photos;                        ///< [N, 3, side, side]
    Tensor paintings;                     ///< [M, 3, side, side], for the last M photos
    std::map<std::string, Tensor> given;  ///< the decoder's inputs
  };

  Batch draw(std::uint64_t seed) const;
  std::map<std::string, Tensor> encode(const Tensor& photos, const Tensor& paintings) const;
  Tensor feature_loss(const Tensor& reached, const Tensor& wanted) const;
  Tensor style_loss(const std::vector<Tensor>& reached, const Tensor& paintings) const;
  Network averaged(const std::vector<Tensor>& averages) const;

  DecoderTrainingSettings settings_;
  std::string identity_, encoder_name_;
  bool bf16_;
  std::shared_ptr<const Encoder> encoder_;
  std::vector<std::string> style_taps_;  ///< the last is the decoder's own tap
  Network network_;
  std::vector<std::pair<std::string, Network>> kept_;
  ImagePool photos_;
  std::unique_ptr<ImagePool> paintings_;
};

/// The options of `atelier train` that all decoders share, read back by shared_settings().
std::vector<Option> shared_training_options(double transferred, double style_weight);
DecoderTrainingSettings shared_settings(const Values& values);

/// The same for methods with a decoder per level, which is an option of its own, and what they say.
/// @param deepest  level, 1 to 5.
std::vector<Option> level_training_options(int deepest);
DecoderTrainingSettings level_settings(const Values& values, const std::string& method);

/// "relu4_1" for level 4.
std::string tap_of_level(long level);

}  // namespace atelier::reconstruction
