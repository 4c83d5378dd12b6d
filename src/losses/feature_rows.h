#pragma once
#include "tensor/tensor.h"

/// Features as matrices, in whichever memory layout they come: no copies for contiguous ones and for channels last.
namespace atelier::losses {

/// [N, C, H·W], a view of features [N, C, H, W].
/// @throws Error for features of other shapes, or empty ones.
Tensor rows_of(const Tensor& features);

/// rows · rowsᵀ, [N, C, C]. Differentiable; where no gradient is wanted, in blocks (tensor/blocks.h).
Tensor product_with_itself(const Tensor& rows);

/// S · rows for symmetric S, [C, C] or [N, C, C], in the layout of the rows; in blocks, without gradients.
Tensor symmetric_product(const Tensor& symmetric, const Tensor& rows);

/// rows_of()'s inverse: the shape, and the memory layout, of `features`.
Tensor as_features(const Tensor& rows, const Tensor& features);

/// All values in one row, in the order of memory: a view for rows in either layout.
Tensor flat(const Tensor& rows);

}  // namespace atelier::losses
