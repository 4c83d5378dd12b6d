#pragma once
#include <cstdint>
#include <functional>

#include "tensor/tensor.h"

/// Work on many positions by few channels. A BLAS shares such narrow products badly among its threads, which wait for
/// each other most of the time; here each takes blocks of positions of its own, and what comes out does not depend on
/// how many threads there are.
namespace atelier {

/// Calls work(first, count) for blocks that make up `positions`, on all threads; from one block on for tensors, `like`,
/// that are not the processor's. No gradients are kept: `work` must not ask for any.
void for_blocks(const Tensor& like, std::int64_t positions,
                const std::function<void(std::int64_t first, std::int64_t count)>& work);

/// The sum of part(first, count) over such blocks, all of one shape, added up in order.
Tensor sum_of_blocks(const Tensor& like, std::int64_t positions,
                     const std::function<Tensor(std::int64_t first, std::int64_t count)>& part);

/// Runs `work` with LAPACK and BLAS in one thread, whose results, those of eigenvalues above all, otherwise depend on
/// how many there are. Without gradients.
void in_one_thread(const std::function<void()>& work);

}  // namespace atelier
