#include "dataset/pair_pool.h"

#include <torch/torch.h>

#include <map>

#include "atelier/error.h"
#include "core/random.h"
#include "media/find_images.h"
#include "media/image_file.h"
#include "tensor/image_tensor.h"
#include "tensor/resize.h"

namespace atelier {
namespace {

constexpr std::int64_t kNarrowestPair = 32;

Tensor to_floats(const Tensor& bytes) { return bytes.to(torch::kFloat).div(255).unsqueeze(0); }

Tensor to_bytes(const Tensor& picture) { return picture.squeeze(0).mul(255).round().to(torch::kByte).contiguous(); }

/// The files of a folder by their names without extension.
std::map<std::string, std::filesystem::path> by_stem(const std::filesystem::path& folder) {
  std::map<std::string, std::filesystem::path> found;
  for (const auto& file : find_images(folder)) {
    const std::filesystem::path path(file);
    require(
        found.emplace(path.stem().string(), path).second,
        folder.string() + " holds two pictures called \"" + path.stem().string() + "\"; pairs need one of each name");
  }
  require(!found.empty(), folder.string() + " holds no picture; name a folder of pictures");
  return found;
}

/// A square window and whether it is mirrored, to be cut from one or several pictures of a size.
struct Window {
  std::int64_t top, left, side;
  bool mirrored;

  Tensor of(const Tensor& bytes, std::int64_t wanted) const {
    auto square = to_floats(bytes.narrow(1, top, side).narrow(2, left, side));
    if (side != wanted) square = resize(square, wanted, wanted, Filter::kBilinear).clamp(0, 1);
    return mirrored ? square.flip(3) : square;
  }
};

std::int64_t whole(Random& random, std::int64_t highest) {
  return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(highest + 1));
}

Window random_window(const Tensor& picture, const PartOf& part, Random& random) {
  const auto height = picture.size(1), width = picture.size(2), shorter = std::min(height, width);
  const double share = part.smallest + (1 - part.smallest) * uniform(random);
  const auto side = std::clamp<std::int64_t>(std::llround(static_cast<double>(shorter) * share), 1, shorter);
  const auto top = whole(random, height - side), left = whole(random, width - side);
  return {top, left, side, part.mirrored && random() % 2 == 1};
}

Window middle_window(const Tensor& picture) {
  const auto height = picture.size(1), width = picture.size(2), shorter = std::min(height, width);
  return {(height - shorter) / 2, (width - shorter) / 2, shorter, false};
}

}  // namespace

void PairPool::add(Tensor input, Tensor target, int max_side) {
  if (std::max(input.size(2), input.size(3)) > max_side) input = fit_longer_side(input, max_side);
  target = resize_picture(target, input.size(2), input.size(3));
  inputs_.push_back(to_bytes(input));
  targets_.push_back(to_bytes(target));
}

PairPool PairPool::side_by_side(const std::vector<std::filesystem::path>& folders, Side input, int max_side) {
  const ImagePool whole_pictures(folders, 2 * max_side);
  PairPool pairs;
  pairs.skipped_ = whole_pictures.skipped();
  for (std::size_t i = 0; i < whole_pictures.size(); ++i) {
    const auto picture = to_floats(whole_pictures.picture(i));
    const auto half = picture.size(3) / 2;
    require(half >= kNarrowestPair / 2, "a side-by-side picture is only " + std::to_string(picture.size(3)) +
                                            " pixels wide; give pictures that hold two, or two folders");
    const auto left = picture.narrow(3, 0, half), right = picture.narrow(3, picture.size(3) - half, half);
    pairs.add(input == Side::kLeft ? left : right, input == Side::kLeft ? right : left, max_side);
  }
  return pairs;
}

PairPool PairPool::two_folders(const std::filesystem::path& inputs, const std::filesystem::path& targets,
                               int max_side) {
  const auto from = by_stem(inputs), to = by_stem(targets);
  for (const auto& [stem, file] : to)
    require(from.contains(stem), "the target " + file.string() + " has no picture called \"" + stem + "\" in " +
                                     inputs.string() + "; give both folders the same names");
  PairPool pairs;
  for (const auto& [stem, file] : from) {
    const auto partner = to.find(stem);
    require(partner != to.end(), "the picture " + file.string() + " has no target called \"" + stem + "\" in " +
                                     targets.string() + "; give both folders the same names");
    pairs.add(to_tensor(read_image(file.string())), to_tensor(read_image(partner->second.string())), max_side);
  }
  return pairs;
}

PairPool PairPool::alone(const std::vector<std::filesystem::path>& folders, int max_side) {
  const ImagePool pictures(folders, max_side);
  PairPool pairs;
  pairs.skipped_ = pictures.skipped();
  for (std::size_t i = 0; i < pictures.size(); ++i) pairs.inputs_.push_back(pictures.picture(i));
  pairs.targets_ = pairs.inputs_;
  return pairs;
}

PairPool PairPool::take_last(std::size_t count) {
  require(count < size(), "there are only " + std::to_string(size()) + " pairs; keep fewer out of the training");
  PairPool last;
  for (auto [from, to] : {std::pair(&inputs_, &last.inputs_), std::pair(&targets_, &last.targets_)}) {
    to->assign(from->end() - static_cast<std::ptrdiff_t>(count), from->end());
    from->resize(from->size() - count);
  }
  return last;
}

PairPool PairPool::hold_out(std::size_t count) { return count > 0 && size() > 2 * count ? take_last(count) : *this; }

Tensor draw_parts(const ImagePool& pool, std::int64_t count, const PartOf& part, std::uint64_t seed) {
  auto random = seeded(seed);
  std::vector<Tensor> parts;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto& picture = pool.picture(random() % pool.size());
    parts.push_back(random_window(picture, part, random).of(picture, part.side));
  }
  return torch::cat(parts).to(part.device);
}

DrawnPairs draw_parts(const PairPool& pool, std::int64_t count, const PartOf& part, std::uint64_t seed) {
  auto random = seeded(seed);
  std::vector<Tensor> inputs, targets;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto index = random() % pool.size();
    const auto window = random_window(pool.input(index), part, random);
    inputs.push_back(window.of(pool.input(index), part.side));
    targets.push_back(window.of(pool.target(index), part.side));
  }
  return {torch::cat(inputs).to(part.device), torch::cat(targets).to(part.device)};
}

Tensor middle_parts(const ImagePool& pool, std::size_t first, std::size_t count, std::int64_t side) {
  std::vector<Tensor> parts;
  for (std::size_t i = first; i < std::min(first + count, pool.size()); ++i)
    parts.push_back(middle_window(pool.picture(i)).of(pool.picture(i), side));
  return torch::cat(parts);
}

DrawnPairs middle_parts(const PairPool& pool, std::size_t first, std::size_t count, std::int64_t side) {
  std::vector<Tensor> inputs, targets;
  for (std::size_t i = first; i < std::min(first + count, pool.size()); ++i) {
    const auto window = middle_window(pool.input(i));
    inputs.push_back(window.of(pool.input(i), side));
    targets.push_back(window.of(pool.target(i), side));
  }
  return {torch::cat(inputs), torch::cat(targets)};
}

}  // namespace atelier
