#include "dataset/image_pool.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include "atelier/error.h"
#include "core/random.h"
#include "dataset/picture_pack.h"
#include "media/find_images.h"
#include "media/image_file.h"
#include "tensor/image_tensor.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

double uniform(Random& random, double low, double high) {
  return std::uniform_real_distribution<double>(low, high)(random);
}

bool chance(Random& random, double probability) { return uniform(random, 0, 1) < probability; }

std::int64_t whole(Random& random, std::int64_t low, std::int64_t high) {
  return std::uniform_int_distribution<std::int64_t>(low, high)(random);
}

/// A square of `side` pixels from a random place, scale and reflection of `picture`.
Tensor random_square(const Tensor& picture, std::int64_t side, const Augmentation& augmentation, Random& random) {
  const auto height = picture.size(1), width = picture.size(2), shorter = std::min(height, width);
  const double scale =
      std::exp(uniform(random, std::log(augmentation.smallest_scale), std::log(augmentation.largest_scale)));
  const auto cut = std::clamp<std::int64_t>(std::llround(static_cast<double>(side) * scale),
                                            std::min<std::int64_t>(16, shorter), shorter);
  const auto top = whole(random, 0, height - cut), left = whole(random, 0, width - cut);
  auto square = picture.narrow(1, top, cut).narrow(2, left, cut).to(torch::kFloat).div(255).unsqueeze(0);
  if (cut != side) square = at::_upsample_bilinear2d_aa(square, {side, side}, false).clamp(0, 1);
  return chance(random, 0.5) ? square.flip(3) : square;
}

Tensor vary_colour(const Tensor& crop, Random& random) {
  Tensor varied = crop.clone();
  const double common = uniform(random, 0.7, 1.4);
  for (std::int64_t c = 0; c < 3; ++c)
    varied.select(1, c).pow_(common * uniform(random, 0.85, 1.18)).mul_(uniform(random, 0.75, 1.2));
  return varied.clamp(0, 1);
}

Tensor add_noise(const Tensor& crop, Random& random) {
  const auto generator = at::detail::createCPUGenerator(random());
  const auto noise = torch::normal(0.0, uniform(random, 0.01, 0.15), crop.sizes(), generator);
  return (crop + noise).clamp(0, 1);
}

Tensor augmented(const std::vector<const ImagePool*>& pools, std::size_t pool, std::int64_t side,
                 const Augmentation& augmentation, Random& random) {
  const auto draw = [&](const ImagePool& from) {
    const auto index = static_cast<std::size_t>(whole(random, 0, static_cast<std::int64_t>(from.size()) - 1));
    return random_square(from.picture(index), side, augmentation, random);
  };
  Tensor crop = draw(*pools[pool]);
  if (chance(random, augmentation.blend))
    crop = torch::lerp(crop, draw(*pools[(pool + 1) % pools.size()]), uniform(random, 0.2, 0.8));
  if (chance(random, augmentation.colour)) crop = vary_colour(crop, random);
  if (chance(random, augmentation.grey)) crop = crop.mean(1, true).expand_as(crop);
  if (chance(random, augmentation.noise)) crop = add_noise(crop, random);
  return crop;
}

Tensor to_bytes(const Tensor& picture) { return picture.squeeze(0).mul(255).round().to(torch::kByte).contiguous(); }

}  // namespace

ImagePool::ImagePool(const std::vector<std::filesystem::path>& folders, int max_side,
                     const std::function<void(std::size_t)>& on_progress) {
  for (const auto& folder : folders) {
    const auto before = pictures_.size();
    if (is_pack(folder)) {
      for (auto& picture : unpack_pictures(read_safetensors(folder))) pictures_.push_back(std::move(picture));
      continue;
    }
    for (const auto& file : find_images(folder)) {
      try {
        pictures_.push_back(to_bytes(to_tensor(read_image(file.string(), {.max_side = max_side}))));
      } catch (const Error&) {
        skipped_.add(file.string());  // one broken file must not end a training run; the caller reports the count
      }
      if (on_progress) on_progress(pictures_.size());
    }
    require(pictures_.size() > before,
            folder.string() + " holds no readable picture; name a folder of photos or paintings");
  }
}

ImagePool::ImagePool(const WeightSet& pack) : pictures_(unpack_pictures(pack)) {}

ImagePool::ImagePool(const std::vector<Tensor>& pictures) {
  for (const auto& picture : pictures) pictures_.push_back(to_bytes(picture));
}

Tensor draw_crops(const std::vector<const ImagePool*>& pools, std::int64_t count, std::int64_t side,
                  const Augmentation& augmentation, std::uint64_t seed) {
  require(!pools.empty(), "draw_crops: no pictures to draw from");
  auto random = seeded(seed);
  std::vector<Tensor> crops;
  for (std::int64_t i = 0; i < count; ++i)
    crops.push_back(augmented(pools, static_cast<std::size_t>(i) % pools.size(), side, augmentation, random));
  return torch::cat(crops);
}

}  // namespace atelier
