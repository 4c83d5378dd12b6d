#include "weights/model_file.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "atelier/error.h"
#include "weights/mapped_file.h"
#include "weights/pytorch_file.h"
#include "weights/safetensors.h"
#include "weights/tfjs_folder.h"
#include "weights/torch7_file.h"

namespace atelier {
namespace {

constexpr std::string_view kConvert = "save its tensors as .safetensors or PyTorch .pth";
constexpr std::string_view kAgain = "download the file itself, not its page";
constexpr std::string_view kChoose = "give a .safetensors, PyTorch .pth or Torch7 .t7 file, or a tfjs folder";

struct Foreign {
  std::string_view start;  ///< how such a file begins
  std::string_view what;
  std::string_view advice;
};

constexpr std::array kForeign{Foreign{"\x89HDF", "an HDF5 file (Keras)", kConvert},
                              Foreign{"MATLAB", "a MATLAB file", kConvert},
                              Foreign{"GGUF", "a GGUF file", kConvert},
                              Foreign{"\x93NUMPY", "a NumPy array", kConvert},
                              Foreign{"<", "a web page", kAgain},
                              Foreign{"version https://git-lfs", "a Git LFS pointer", "run `git lfs pull` first"},
                              Foreign{"\xff\xd8\xff", "a JPEG picture", kChoose},
                              Foreign{"\x89PNG", "a PNG picture", kChoose},
                              Foreign{"\x80", "a pickle but not one of torch.save", kConvert},
                              Foreign{"", "of no known weight format", kChoose}};

[[noreturn]] void refuse(const std::filesystem::path& path, std::string_view start) {
  const auto& format = *std::find_if(kForeign.begin(), kForeign.end(),
                                     [&](const Foreign& known) { return start.starts_with(known.start); });
  throw Error(path.string() + " is " + std::string(format.what) + "; " + std::string(format.advice));
}

WeightSet parse(std::span<const std::byte> bytes, const std::filesystem::path& path) {
  const std::string_view start(reinterpret_cast<const char*>(bytes.data()), std::min<std::size_t>(bytes.size(), 64));
  if (looks_like_torch7(bytes)) return parse_torch7(bytes, path.string());
  if (start.size() > 8 && start[8] == '{') return parse_safetensors(bytes, path.string());
  if (looks_like_pytorch(bytes)) return parse_pytorch(bytes, path.string());
  if (looks_like_tfjs(bytes)) return read_tfjs(path);
  refuse(path, start);
}

}  // namespace

WeightSet read_weights(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path)) return read_tfjs(path);
  const auto map = std::make_shared<MappedFile>(path);
  WeightSet weights = parse(map->bytes(), path);
  keep_alive(weights, map);
  return weights;
}

}  // namespace atelier
