#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "atelier/progress.h"
#include "optimise/optimiser.h"

namespace atelier {

/// Loss terms by name, already weighted, and the gradient of their sum.
struct PictureLoss {
  std::vector<std::pair<std::string, double>> terms;
  Tensor gradient;  ///< [1, 3, H, W]

  double total() const;
};

/// The objective at one scale: the loss of a picture [1, 3, h, w].
using PictureObjective = std::function<PictureLoss(const Tensor& picture)>;

/// A size and how many steps to spend on it.
struct Scale {
  std::int64_t height = 0, width = 0;
  int steps = 0;
};

/// Makes the objective of a scale; the index counts the scales from 0.
using ObjectiveAtScale = std::function<PictureObjective(const Scale&, std::size_t index)>;

/// Sizes from coarse to `height` × `width`, each `factor` times the one before, the first with a
/// longer side of at least `smallest`; `steps` in all, spread so that every scale costs alike in
/// steps but the finest, which gets `fine_share` of them (coarse steps are cheap and do the layout).
/// Each gets one at least, so that fewer `steps` than scales become as many as there are scales.
std::vector<Scale> coarse_to_fine(std::int64_t height, std::int64_t width, std::int64_t smallest, double factor,
                                  int steps, double fine_share);

/// Steps of all scales together.
int total_steps(const std::vector<Scale>& scales);

struct PictureLoopOptions {
  std::vector<Scale> scales;    ///< at least one; the last is the result's size
  bool adam = false;            ///< else L-BFGS
  int history = 10;             ///< L-BFGS pairs
  double learning_rate = 0.02;  ///< Adam
  double average = 0;           ///< decay of the exponential average of iterates that becomes the result; 0: the last
  std::filesystem::path checkpoint;  ///< kept every few seconds and resumed from; empty: none
  std::string identity;              ///< what must agree for a checkpoint to be continued
  /// Numbers that the objective carries from one scale to the next; kept in the checkpoint. May be empty.
  std::shared_ptr<std::vector<double>> memory;
  bool keep_best_on_stop = false;
};

/// Optimises a picture from coarse to fine, carrying picture and optimiser state to the next size.
///
/// A step whose loss is not finite is taken back and halved (see Optimiser) and said in
/// Progress::note; when no finite step exists, it ends with kFailure.
///
/// @param start      [1, 3, h, w], any size; resized to the first scale.
/// @param objective  called once per scale, with its size and index; once more when a run is continued.
/// @return           [1, 3, H, W] of the last scale, in [0, 1].
Tensor optimise_picture(const Tensor& start, const ObjectiveAtScale& objective, const PictureLoopOptions& options,
                        const OnProgress& on_progress);

}  // namespace atelier
