#include "tensor/winograd_conv.h"

#include "atelier/error.h"

namespace atelier {

bool winograd_pays(std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t) { return false; }

Tensor winograd_weights(const Tensor&) { throw Error("Winograd's convolution needs a build with oneDNN"); }

Tensor winograd_conv(const Tensor&, const Tensor&, const Tensor&, std::int64_t, Rectified) {
  throw Error("Winograd's convolution needs a build with oneDNN");
}

}  // namespace atelier
