#pragma once
#include <string>
#include <vector>

#include "encoders/encoder.h"
#include "measure.h"
#include "optimise/picture_loop.h"

namespace atelier::bench {

// The defaults of the method gatys; gatys_step.py states them again.
inline const std::vector<std::string> kStyleTaps = {"relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"};
inline const std::string kContentTap = "relu4_2";
constexpr double kContentWeight = 0.05, kStyleWeight = 1, kTvWeight = 0.02;

/// The loss that the method gatys lowers, at the photo's size, by the functions that the method uses.
PictureObjective gatys_loss(const ConvChain& chain, const Pictures& pictures, Precision precision);

/// Losses by name, and their total.
nlohmann::json as_json(const PictureLoss& loss);

}  // namespace atelier::bench
