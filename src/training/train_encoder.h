#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace atelier {

/// Taps of the compact encoder, in the order of its layers.
const std::vector<std::string>& compact_taps();

/// Convolutions per block and channels per block of the compact encoder.
struct CompactShape {
  std::vector<int> depths = {2, 2, 3, 3, 1};
  std::vector<int> widths = {24, 48, 80, 160, 256};
};

/// Everything that decides a training run; kept in its checkpoints.
struct EncoderTrainingOptions {
  std::vector<std::filesystem::path> photos, paintings;  ///< folders
  std::vector<std::filesystem::path> stylised;           ///< folders of pictures that optimisation made; may be empty
  std::filesystem::path teacher_front, teacher_deep;
  std::filesystem::path output;  ///< the encoder, .safetensors; OUTPUT.checkpoint keeps the run
  bool resume = false;
  std::filesystem::path initial;  ///< checkpoint of an earlier run to start from; empty: random weights
  std::int64_t steps = 20000;
  std::int64_t batch = 8;
  std::int64_t crop = 128;
  double learning_rate = 2e-3;
  double decay_share = 0.25;   ///< last part of the steps, over which the rate falls to zero
  double decorrelation = 0.1;  ///< weight of the penalty on correlated channels at the taps
  std::uint64_t seed = 1;
  bool bf16 = true;  ///< arithmetic of the networks; weights and losses stay float32
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
/// average, and each tap has a readout: the linear map under which distances and Gram matrices of the
/// student's features are those of its prediction of the teachers. Equal options and data give the same run, also when
/// it is interrupted and resumed. `on_progress` returns false to stop after saving.
/// @throws Error for unusable data or files.
void train_encoder(const EncoderTrainingOptions& options,
                   const std::function<bool(const EncoderTrainingProgress&)>& on_progress);

}  // namespace atelier
