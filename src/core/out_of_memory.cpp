#include "core/out_of_memory.h"

#include <new>
#include <string_view>

namespace atelier {

bool out_of_memory(const std::exception& fault) {
  const std::string_view what = fault.what();
  return dynamic_cast<const std::bad_alloc*>(&fault) != nullptr ||
         what.find("not enough memory") != std::string_view::npos ||
         what.find("can't allocate memory") != std::string_view::npos ||
         what.find("out of memory") != std::string_view::npos;  // CUDA's
}

}  // namespace atelier
