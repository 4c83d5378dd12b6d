#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dataset/image_pool.h"
#include "methods/model_iteration/reconstruction/decoders.h"
#include "methods/model_iteration/reconstruction/feature_transform.h"
#include "methods/options.h"
#include "training/perceptual_loss.h"
#include "training/style_training.h"
#include "training/trainer.h"

namespace atelier::reconstruction {

/// Everything that decides how a decoder of transferred features is trained.
struct TransferTrainingSettings {
  std::string method;             ///< that applies the model: its name goes into the file
  std::vector<std::string> taps;  ///< deepest first; the statistics of all of them are transferred
  std::string start;              ///< model to start from; empty: random weights
  SkipOptions decoder;
  Transform transform = Transform::kOptimal;
  double balance = 2.1;         ///< content lost to style distance left that shall be reached; 0: content_weight stays
  double content_weight = 0.3;  ///< at the start
  double tv_weight = 0.02;
  double grid_weight = 0;  ///< of what upsampling leaves (losses/upsampling_grid.h)
  std::int64_t batch = 4, crop = 192, style_crop = 256;
  /// Size at which the network paints, relative to the crop: what it paints is enlarged and judged at the crop's size.
  /// Methods that refine an enlarged draft (methods/refined_painting.h) then begin with what fits full size.
  double paint_scale = 1;

  std::string text() const;
};

/// Trains a decoder to paint: photos take on the statistics of random paintings, and the decoded picture answers to the
/// perceptual loss of both (Johnson et al., ECCV 2016), not to the features themselves as in Huang & Belongie, ICCV
/// 2017: where the two disagree, the picture decides. The content weight balances itself.
class TransferTraining final : public TrainingTask {
 public:
  /// @throws Error when a folder holds no pictures, there are no paintings, or the settings do not fit.
  TransferTraining(const TransferTrainingSettings& settings, const TrainingInputs& inputs);

  NamedTensors parameters() const override;
  StepResult step(std::uint64_t seed) override;
  WeightSet model(const std::vector<Tensor>& averages) const override;
  std::string name_in_model(const std::string& tensor) const override { return settings_.taps.front() + "." + tensor; }
  NamedTensors state() const override { return {{"content_weight", content_weight_}}; }
  std::string settings() const override { return settings_.text() + identity_; }
  Tensor preview(const std::vector<Tensor>& averages) const override;
  std::string note() const override;

 private:
  struct Batch {
    std::vector<Tensor> photos, paintings;  ///< features at the loss's taps, one picture after the other
    std::map<std::string, Tensor> given;    ///< the decoder's inputs
  };

  Batch draw(std::uint64_t seed) const;
  /// Crops as the network gets them.
  Tensor at_paint_scale(const Tensor& crops) const;
  std::map<std::string, Tensor> transfer(const std::vector<Tensor>& photos, const std::vector<Tensor>& paintings) const;
  Network averaged(const std::vector<Tensor>& averages) const;
  void rebalance(double content, double style);

  TransferTrainingSettings settings_;
  std::string identity_, encoder_name_;
  bool bf16_;
  std::shared_ptr<const Encoder> encoder_;
  PerceptualLoss loss_;
  Network network_;
  ImagePool photos_, paintings_;
  Tensor content_weight_;  ///< [1]
};

/// The options of `atelier train` for it, and their values.
std::vector<Option> transfer_training_options();
TransferTrainingSettings transfer_settings(const Values& values);

}  // namespace atelier::reconstruction
