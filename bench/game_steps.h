#pragma once
#include <string>

#include "train_steps.h"

namespace atelier::bench {

/// Takes steps of `atelier train pix2pix` (a turn of the critic and one of the generator) on crops as large as the
/// photo, whose target is the style; network and encoder of `what` mean nothing here. The loss is the generator's.
TrainedSteps game_steps(const TrainSteps& what);

}  // namespace atelier::bench
