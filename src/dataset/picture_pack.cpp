#include "dataset/picture_pack.h"

#include <torch/torch.h>

#include <cstdio>

#include "atelier/error.h"
#include "dataset/image_pool.h"
#include "dataset/pack_pictures.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

constexpr const char* kKind = "dataset";

std::string tensor_name(std::size_t index) {
  char name[32];
  std::snprintf(name, sizeof name, "picture/%06zu", index);
  return name;
}

}  // namespace

PackReport pack_pictures(const std::vector<std::filesystem::path>& folders, int max_side,
                         const std::filesystem::path& output, const std::function<void(std::size_t)>& on_progress) {
  const ImagePool pool(folders, max_side, on_progress);
  WeightSet pack;
  for (std::size_t i = 0; i < pool.size(); ++i) {
    const auto& picture = pool.picture(i);
    const auto* bytes = static_cast<const std::byte*>(picture.data_ptr());
    pack.tensors[tensor_name(i)] = {DType::kU8, picture.sizes().vec(), {bytes, picture.nbytes()}};
  }
  pack.metadata["kind"] = kKind;
  write_safetensors(output, pack);
  return {pool.size(), pool.skipped()};
}

std::vector<Tensor> unpack_pictures(const WeightSet& weights) {
  const auto kind = weights.metadata.find("kind");
  require(kind != weights.metadata.end() && kind->second == kKind,
          "the file holds no pictures for training; make one by `atelier dataset pack`");
  std::vector<Tensor> pictures;
  for (const auto& [name, tensor] : weights.tensors) {
    require(tensor.dtype == DType::kU8 && tensor.shape.size() == 3 && tensor.shape[0] == 3 && !tensor.bytes.empty(),
            "the packed picture \"" + name + "\" is damaged; pack the pictures again");
    auto picture = torch::empty(tensor.shape, torch::kByte);
    std::copy(tensor.bytes.begin(), tensor.bytes.end(), static_cast<std::byte*>(picture.data_ptr()));
    pictures.push_back(picture);
  }
  require(!pictures.empty(), "the file of packed pictures is empty; pack the pictures again");
  return pictures;
}

bool is_pack(const std::filesystem::path& path) {
  return path.extension() == ".safetensors" && std::filesystem::is_regular_file(path);
}

}  // namespace atelier
