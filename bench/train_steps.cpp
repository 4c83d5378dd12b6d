#include "train_steps.h"

#include "measure.h"
#include "training/adam_average.h"
#include "training/style_training.h"
#include "weights/safetensors.h"

namespace atelier::bench {

TrainedSteps train_steps(const TrainSteps& what) {
  constexpr double kLearningRate = 1e-3;  // of pytorch/examples, fast_neural_style
  const auto pictures = read_pictures(what.pictures);
  StyleTrainingOptions options;
  options.batch = what.batch;
  options.crop = pictures.photo.size(2);
  options.encoder = what.encoder;
  options.bf16 = what.bf16;
  StyleTraining task(read_network(read_safetensors(what.network)), {{"style", pictures.style}}, options,
                     ImagePool(std::vector<Tensor>{pictures.photo}));
  AdamAverage optimiser(task.parameters());
  TrainedSteps result;
  std::uint64_t seed = 1;
  result.seconds = timed(what.warm_up, what.count, [&] {
    result.loss = task.step(seed++).loss;
    optimiser.step(kLearningRate);
  });
  return result;
}

}  // namespace atelier::bench
