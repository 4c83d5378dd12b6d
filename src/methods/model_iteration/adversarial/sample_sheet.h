#pragma once
#include <vector>

#include "tensor/tensor.h"

namespace atelier::methods {

/// Batches side by side: each of `columns`, [N, 3, H, W] (or [N, 1, H, W]), becomes a column of N pictures.
/// @return  [1, 3, N · H, columns · W] in [0, 1].
Tensor sample_sheet(const std::vector<Tensor>& columns);

}  // namespace atelier::methods
