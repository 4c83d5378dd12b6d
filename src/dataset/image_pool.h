#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "dataset/skipped_files.h"
#include "tensor/tensor.h"
#include "weights/weight_set.h"

namespace atelier {

/// All pictures of some folders or packs, decoded once and kept as bytes, for drawing training crops.
class ImagePool {
 public:
  /// Reads every picture below `folders`, and every pack among them as it is (longer side at most `max_side`). Broken
  /// files are skipped and counted; `on_progress` (may be empty) gets the number read so far.
  /// @throws Error when a folder holds no readable picture.
  ImagePool(const std::vector<std::filesystem::path>& folders, int max_side,
            const std::function<void(std::size_t)>& on_progress = {});

  /// The pictures of a pack (dataset/picture_pack.h). @throws Error when `pack` is none.
  explicit ImagePool(const WeightSet& pack);

  /// Keeps pictures that were read already, [1, 3, H, W] in [0, 1] each, as bytes.
  explicit ImagePool(const std::vector<Tensor>& pictures);

  std::size_t size() const { return pictures_.size(); }
  const SkippedFiles& skipped() const { return skipped_; }
  /// [3, H, W], bytes.
  const Tensor& picture(std::size_t index) const { return pictures_.at(index); }

 private:
  std::vector<Tensor> pictures_;
  SkippedFiles skipped_;
};

/// How crops are varied. Probabilities are per crop.
struct Augmentation {
  double smallest_scale = 0.6;  ///< crop side on the picture, relative to the crop, smallest
  double largest_scale = 2.5;   ///< ... and largest (then shrunk with antialiasing)
  double colour = 0.5;          ///< gain and gamma per channel
  double grey = 0.05;           ///< colours dropped
  double noise = 0.2;           ///< Gaussian noise, deviation up to 0.15
  double blend = 0.15;          ///< mixed with another crop
};

/// `count` crops [count, 3, side, side] in [0, 1], float, alternating between the pools so
/// that each contributes equally. The same `seed` gives the same crops.
Tensor draw_crops(const std::vector<const ImagePool*>& pools, std::int64_t count, std::int64_t side,
                  const Augmentation& augmentation, std::uint64_t seed);

}  // namespace atelier
