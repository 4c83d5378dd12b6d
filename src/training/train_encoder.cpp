#include "training/train_encoder.h"

#include "atelier/error.h"
#include "tensor/device.h"
#include "training/encoder_training.h"

namespace atelier {

void train_encoder(const EncoderTrainingOptions& task, const TrainingOptions& options, const OnTraining& on_progress) {
  require(task.batch > 1 && task.crop >= 32 && task.crop % 16 == 0,
          "train encoder: the batch must be at least 2 and the crop a multiple of 16 from 32 on");
  const auto training = encoder_training(task, parse_device(task.device, options.role.rank));
  train(*training, options, on_progress);
}

}  // namespace atelier
