#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "dataset/image_pool.h"
#include "encoders/conv_chain.h"

namespace atelier {

/// Taps of the compact encoder, in the order of its layers.
const std::vector<std::string>& compact_taps();

/// Convolutions per block and channels per block of the compact encoder.
struct CompactShape {
  std::vector<int> depths = {2, 2, 3, 3, 1};
  std::vector<int> widths = {24, 48, 80, 160, 256};
};

/// The networks that the compact encoder learns to predict.
struct DistillationTeacher {
  ConvChain front;  ///< the exact VGG-19 through conv3_1
  ConvChain deep;   ///< a compressed VGG-19 through conv5_1
  /// For some layers of `deep`: a 1×1 map into the full VGG-19's channels (weight, bias), ReLU after it.
  std::map<std::string, std::pair<Tensor, Tensor>> widened;

  /// `front_file`: convB_I tensors in Caffe's convention. `deep_file`: convBI tensors with a stored
  /// input layer and optional convBI_aux maps; reflection padding in both, as they were trained.
  static DistillationTeacher read(const std::filesystem::path& front_file, const std::filesystem::path& deep_file);

  /// Groups of target features at `tap`, each [N, C, h, w] float; one group per teacher that has the tap.
  std::vector<std::vector<Tensor>> targets(const Tensor& pictures, const std::vector<std::string>& taps,
                                           torch::ScalarType compute) const;
};

/// Everything that decides a training run; kept in its checkpoints.
struct EncoderTrainingOptions {
  std::vector<std::filesystem::path> photos, paintings;  ///< folders
  std::filesystem::path teacher_front, teacher_deep;
  std::filesystem::path output;      ///< the encoder, .safetensors; OUTPUT.checkpoint keeps the run
  bool resume = false;
  std::int64_t steps = 20000;
  std::int64_t batch = 8;
  std::int64_t crop = 128;
  double learning_rate = 2e-3;
  double decay_share = 0.25;         ///< last part of the steps, over which the rate falls to zero
  double decorrelation = 0.1;        ///< weight of the penalty on correlated channels at the taps
  std::uint64_t seed = 1;
  bool bf16 = true;                  ///< arithmetic of the networks; weights and losses stay float32
  std::int64_t save_every = 500;
  CompactShape shape;
};

/// What is said after each logged step.
struct EncoderTrainingProgress {
  std::int64_t step = 0, steps = 0;
  double loss = 0, learning_rate = 0, seconds_per_step = 0;
  std::map<std::string, double> unexplained;  ///< tap → share of the teachers' variance not predicted
  std::string note;
};

/// Distils the teachers into a compact encoder of random initialisation (He et al. 2015): each tap,
/// through a linear 1×1 map, predicts the teachers' standardised features (Romero et al., "FitNets",
/// 2015); Adam with warm-up, constant rate and linear decay; the exported weights are an exponential
/// average. Equal options and data give the same run, also when it is interrupted and resumed.
/// `on_progress` returns false to stop after saving.
/// @throws Error for unusable data or files.
void train_encoder(const EncoderTrainingOptions& options,
                   const std::function<bool(const EncoderTrainingProgress&)>& on_progress);

}  // namespace atelier
