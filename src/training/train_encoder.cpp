#include "training/train_encoder.h"

#include "atelier/error.h"
#include "tensor/device.h"
#include "training/encoder_training.h"

namespace atelier {

void train_encoder(const EncoderTrainingOptions& task, const TrainingOptions& options, const OnTraining& on_progress) {
  check_training(options);
  require(task.batch >= 2 && task.batch <= 1024,
          "--batch cannot be " + std::to_string(task.batch) + "; give a whole number from 2 to 1024");
  require(task.crop >= 32 && task.crop <= 2048 && task.crop % 16 == 0,
          "--crop cannot be " + std::to_string(task.crop) + "; give a multiple of 16 from 32 to 2048");
  require(task.decorrelation >= 0 && task.decorrelation <= 1e6, "--decorrelation must be a number from 0 to 1000000");
  const auto training = encoder_training(task, parse_device(task.device, options.role.rank));
  train(*training, options, on_progress);
}

}  // namespace atelier
