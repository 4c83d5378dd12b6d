#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace atelier {

/// Prepares the process for numerical work; call it before the first tensor is made, from each thread that will do such
/// work. What concerns the whole process is done by the first call.
///
/// - Threads: LibTorch and OpenMP (hence oneDNN and OpenBLAS's OpenMP build) use `threads`. Debian's LibTorch
///   would otherwise take half of the cores. Those that wait for others sleep (tensor/openmp_threads.h).
/// - Denormal numbers count as zero, in every worker thread; they cost a hundred cycles each.
/// - LibTorch's own kernels use AVX-512 where the processor has AVX-512 BF16, unless ATEN_CPU_CAPABILITY says
/// otherwise.
/// - OpenBLAS uses the kernels for the processor's instruction sets even where it does not know the processor
/// (tensor/openblas.h).
/// - Large tensors come from TensorAllocator (tensor/allocator.h), which reuses pages.
///
/// @param threads  at least 1; 0 for all cores that the process may use.
/// @throws Error if `threads` is negative.
void configure_runtime(int threads = 0);

/// Which kind of BLAS multiplies LibTorch's matrices.
enum class Blas {
  kOpenBlasOpenMp,   ///< the good case
  kOpenBlasPthread,  ///< has threads of its own, which compete with OpenMP's
  kOpenBlasSerial,
  kReference,  ///< tens of times slower
  kMkl,
  kOther,
};

/// "OpenBLAS (OpenMP)", "reference BLAS", …
std::string to_string(Blas blas);

/// What the machine and the libraries below the program offer, and what to do about it.
struct RuntimeReport {
  std::string cpu;                            ///< cpu_name()
  std::vector<std::string> instruction_sets;  ///< instruction_sets()
  int cores = 0;                              ///< usable_cores()
  std::uint64_t total_memory = 0;             ///< bytes
  std::uint64_t available_memory = 0;         ///< bytes

  std::string torch_version;     ///< "1.13.1"
  std::string torch_capability;  ///< what LibTorch calls its own kernels: "AVX2", "AVX512", "default", …
  int torch_threads = 0;
  int openmp_threads = 0;
  bool denormals_flushed = false;  ///< in every OpenMP worker

  std::string onednn_version;  ///< "2.6.3"
  std::string onednn_isa;      ///< widest instruction set that oneDNN will use here

  Blas blas = Blas::kOther;
  std::string blas_path;  ///< the file that serves sgemm; empty when it cannot be told
  std::string blas_kernels;  ///< openblas_kernels()
  /// LibTorch's product of two 384 × 384 matrices on all threads, billions of operations a second.
  double sgemm_gflops = 0;

  /// Sentences of the form "WHAT IS WRONG; WHAT TO DO"; empty when all is well.
  std::vector<std::string> advice;
};

/// Inspects the running process; takes a few hundredths of a second (a second with the reference BLAS).
RuntimeReport runtime_report();

/// The advice that follows from the other fields of `report`.
std::vector<std::string> advise(const RuntimeReport& report);

}  // namespace atelier
