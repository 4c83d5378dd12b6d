#pragma once
#include <optional>
#include <string>
#include <vector>

namespace atelier {

/// How OpenBLAS was built: 0 (serial), 1 (threads of its own) or 2 (OpenMP); nothing where another BLAS serves.
std::optional<int> openblas_threading();

/// The processor that the kernels which OpenBLAS uses were written for: "SkylakeX", "Haswell", "Prescott"; empty where
/// another BLAS serves.
std::string openblas_kernels();

/// The kernels of OpenBLAS for a processor with `instruction_sets` (core/machine.h), where those that it `uses` have no
/// AVX; empty where they suit.
std::string wider_openblas_kernels(const std::string& uses, const std::vector<std::string>& instruction_sets);

/// OpenBLAS chooses its kernels by the processor's model number. For models that came after it, it takes those of
/// 2004 (Prescott), a sixth as fast as the ones for AVX-512. This lets it choose anew, by `instruction_sets`.
/// Nothing happens where OPENBLAS_CORETYPE is set, another BLAS serves or its kernels suit. No other thread may be
/// multiplying matrices; the first call alone counts.
void widen_openblas_kernels(const std::vector<std::string>& instruction_sets);

}  // namespace atelier
