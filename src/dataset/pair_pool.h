#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "dataset/image_pool.h"

namespace atelier {

/// Which half of a side-by-side picture goes in; the other is what shall come out.
enum class Side { kLeft, kRight };

/// Pictures that belong together two by two, decoded once and kept as bytes: what goes in, and what shall come out.
class PairPool {
 public:
  /// Side-by-side pictures, below `folders` or in packs: both halves have half of the width.
  /// @param max_side  longer side of a half.
  /// @throws Error    when a folder holds no readable picture, or a picture is too narrow to be two.
  static PairPool side_by_side(const std::vector<std::filesystem::path>& folders, Side input, int max_side);

  /// Two folders; files of one name (whatever their extensions and the folders below) belong together. Targets take
  /// their input's size.
  /// @throws Error  naming the first file without a partner, or one that cannot be read.
  static PairPool two_folders(const std::filesystem::path& inputs, const std::filesystem::path& targets, int max_side);

  /// Pictures below `folders`, or in packs, each its own partner: for inputs that are made of targets when drawn.
  /// @throws Error  when a folder holds no readable picture.
  static PairPool alone(const std::vector<std::filesystem::path>& folders, int max_side);

  std::size_t size() const { return inputs_.size(); }
  const SkippedFiles& skipped() const { return skipped_; }
  /// Takes the last `count` pairs out, into a pool of their own. @throws Error when there are not more than that.
  PairPool take_last(std::size_t count);
  /// Takes the last `count` pairs out to be shown and not learnt, where more than as many again are left; else gives a
  /// copy of all and takes nothing.
  PairPool hold_out(std::size_t count);
  /// [3, H, W], bytes; of one size for one pair.
  const Tensor& input(std::size_t index) const { return inputs_.at(index); }
  const Tensor& target(std::size_t index) const { return targets_.at(index); }

 private:
  void add(Tensor input, Tensor target, int max_side);
  std::vector<Tensor> inputs_, targets_;
  SkippedFiles skipped_;
};

/// Square parts of pictures, scaled to one size.
struct PartOf {
  std::int64_t side = 256;
  double smallest = 0.9;               ///< side of a part in the picture, relative to its shorter side; up to 1
  bool mirrored = true;                ///< half of them
  torch::Device device = torch::kCPU;  ///< where they are wanted
};

/// `count` random parts [count, 3, side, side] in [0, 1]. The same seed gives the same parts.
Tensor draw_parts(const ImagePool& pool, std::int64_t count, const PartOf& part, std::uint64_t seed);

/// The same of pairs: the same part of both.
struct DrawnPairs {
  Tensor inputs, targets;  ///< [count, 3, side, side]
};
DrawnPairs draw_parts(const PairPool& pool, std::int64_t count, const PartOf& part, std::uint64_t seed);

/// The middle square of the pictures `first`, `first` + 1, ..., at most `count`: for samples that can be compared.
Tensor middle_parts(const ImagePool& pool, std::size_t first, std::size_t count, std::int64_t side);
DrawnPairs middle_parts(const PairPool& pool, std::size_t first, std::size_t count, std::int64_t side);

}  // namespace atelier
