#include "tensor/image_tensor.h"

#include <cstring>

#include "atelier/error.h"

namespace atelier {

Tensor to_tensor(const Image& image) {
  require(image.width > 0 && image.height > 0 && image.rgb.size() == image.pixels() * 3,
          "to_tensor: the image has no pixels or a wrong number of them");
  const auto interleaved =
      torch::from_blob(const_cast<float*>(image.rgb.data()), {image.height, image.width, 3}, torch::kFloat);
  return interleaved.permute({2, 0, 1}).unsqueeze(0).contiguous();
}

Image to_image(const Tensor& tensor) {
  require(tensor.dim() == 4 && tensor.size(0) == 1 && tensor.size(1) == 3, "to_image: the tensor must be [1, 3, H, W]");
  const auto interleaved =
      tensor.detach().to(torch::kCPU, torch::kFloat).clamp(0, 1).squeeze(0).permute({1, 2, 0}).contiguous();
  Image image;
  image.height = static_cast<int>(interleaved.size(0));
  image.width = static_cast<int>(interleaved.size(1));
  image.rgb.resize(image.pixels() * 3);
  std::memcpy(image.rgb.data(), interleaved.data_ptr<float>(), image.rgb.size() * sizeof(float));
  return image;
}

}  // namespace atelier
