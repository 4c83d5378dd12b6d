#pragma once
#include <type_traits>

namespace atelier {

/// What kernels calculate in: float for bfloat16, otherwise the type itself.
template <typename T>
using Wide = std::conditional_t<std::is_same_v<T, double>, double, float>;

}  // namespace atelier
