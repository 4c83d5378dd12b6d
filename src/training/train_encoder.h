#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tensor/onednn.h"
#include "training/training_options.h"

namespace atelier {

/// Taps of the compact encoder, in the order of its layers.
const std::vector<std::string>& compact_taps();

/// Convolutions per block and channels per block of the compact encoder.
struct CompactShape {
  std::vector<int> depths = {2, 2, 3, 3, 1};
  std::vector<int> widths = {24, 48, 80, 160, 256};
};

/// Everything that decides what is learnt, beside the trainer's options.
struct EncoderTrainingOptions {
  std::vector<std::filesystem::path> photos, paintings;  ///< folders
  std::vector<std::filesystem::path> stylised;           ///< folders of pictures that optimisation made; may be empty
  std::filesystem::path teacher_front, teacher_deep;
  std::int64_t batch = 8;
  std::int64_t crop = 128;
  double decorrelation = 0.1;  ///< weight of the penalty on correlated channels at the taps
  std::uint64_t seed = 1;
  bool bf16 = onednn_has_fast_bf16();  ///< arithmetic of the networks; weights and losses stay float32
  std::string device = "cpu";          ///< where they compute (tensor/device.h)
  CompactShape shape;
};

/// Distils the teachers into a compact encoder of random initialisation (He et al. 2015): each tap,
/// through a linear 1×1 map, predicts the teachers' standardised features (Romero et al., "FitNets",
/// 2015). Each tap of the model has a readout: the linear map under which distances and Gram matrices of the
/// student's features are those of its prediction of the teachers. A step's terms say, per tap, which share of the
/// teachers' variance is not predicted.
/// @throws Error for unusable data or files.
void train_encoder(const EncoderTrainingOptions& task, const TrainingOptions& options, const OnTraining& on_progress);

}  // namespace atelier
