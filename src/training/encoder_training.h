#pragma once
#include <memory>

#include "tensor/tensor.h"
#include "training/train_encoder.h"
#include "training/trainer.h"

namespace atelier {

/// What train_encoder() trains, on a device. @throws Error for unusable data or files.
std::unique_ptr<TrainingTask> encoder_training(const EncoderTrainingOptions& options, torch::Device device);

}  // namespace atelier
