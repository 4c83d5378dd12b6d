#include "weights/inflate.h"

#include "atelier/error.h"

namespace atelier {

bool inflate_into(std::span<const std::byte>, std::span<std::byte>) {
  throw Error(
      "this build unpacks no compressed files; save the weights with torch.save, or build with -DATELIER_MEDIA=ON");
}

}  // namespace atelier
