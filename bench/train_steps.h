#pragma once
#include <string>
#include <vector>

namespace atelier::bench {

/// What to train, and how often.
struct TrainSteps {
  std::string network, encoder, pictures;  ///< files
  bool bf16 = false;
  int batch = 4, warm_up = 2, count = 5;
};

struct TrainedSteps {
  std::vector<double> seconds;
  double loss = 0;  ///< of the last
};

/// Takes steps of `atelier train`: crops as large as the photo, network, loss network, gradients, Adam and the average.
TrainedSteps train_steps(const TrainSteps& what);

}  // namespace atelier::bench
