#include "tensor/runtime.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <dlfcn.h>
#include <omp.h>
#include <torch/version.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <mutex>

#include "atelier/error.h"
#include "core/machine.h"
#include "tensor/allocator.h"
#include "tensor/onednn.h"
#include "tensor/openblas.h"
#include "tensor/openmp_threads.h"

namespace atelier {
namespace {

void flush_denormals_everywhere() {
  at::globalContext().setFlushDenormal(true);
#pragma omp parallel
  at::globalContext().setFlushDenormal(true);
}

bool denormals_flushed_everywhere() {
  std::atomic<bool> flushed = true;
#pragma omp parallel
  {
    volatile float tiny = std::numeric_limits<float>::min();
    volatile float half = tiny * 0.5F;
    if (half != 0) flushed = false;
  }
  return flushed;
}

std::string blas_file() {
  Dl_info info;
  void* sgemm = dlsym(RTLD_DEFAULT, "sgemm_");
  if (sgemm == nullptr || dladdr(sgemm, &info) == 0 || info.dli_fname == nullptr) return "";
  return info.dli_fname;
}

bool has_symbol(const char* name) { return dlsym(RTLD_DEFAULT, name) != nullptr; }

Blas blas_kind() {
  if (has_symbol("mkl_get_version")) return Blas::kMkl;
  if (const auto kind = openblas_threading())
    return *kind == 2 ? Blas::kOpenBlasOpenMp : *kind == 1 ? Blas::kOpenBlasPthread : Blas::kOpenBlasSerial;
  return has_symbol("sgemm_") ? Blas::kReference : Blas::kOther;
}

double measure_sgemm() {
  constexpr std::int64_t kSide = 384;
  const auto a = at::full({kSide, kSide}, 0.5F), b = at::full({kSide, kSide}, 0.25F);
  double best = std::numeric_limits<double>::infinity();
  for (int run = 0; run < 3; ++run) {
    const auto start = std::chrono::steady_clock::now();
    at::mm(a, b);
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return 2.0 * kSide * kSide * kSide / best * 1e-9;
}

/// LibTorch keeps its own kernels to AVX2 for fear of processors that slow down in AVX-512. Those that have its
/// bfloat16 instructions do not; there exp and bfloat16 kernels run 1.5 times as fast. Heeded before the first kernel.
void widen_torch_kernels(const std::vector<std::string>& sets) {
  constexpr int kKeepTheUsersChoice = 0;
  if (has_instruction_set(sets, "AVX-512 BF16")) setenv("ATEN_CPU_CAPABILITY", "avx512", kKeepTheUsersChoice);
}

/// The instruction set of LibTorch's own kernels, from its configuration's "CPU capability usage: AVX2".
std::string torch_capability() {
  const std::string config = at::show_config(), key = "CPU capability usage: ";
  const auto at = config.find(key);
  if (at == std::string::npos) return "default";
  const auto from = at + key.size();
  return config.substr(from, config.find('\n', from) - from);
}

/// OpenBLAS asks again and again for memory that it does not get: the program would never end.
void require_address_space() {
  constexpr double kLeast = 2e9;  // libraries, threads and a small picture take three quarters of it
  const auto limit = address_space_limit();
  if (limit && limit->limit < kLeast)
    throw Error("the limit on address space (`ulimit -v`) is below the 2 GB that are needed; raise it",
                ErrorKind::kFailure);
}

/// What is not for each thread that paints to say.
void configure_process() {
  require_address_space();
  const auto sets = instruction_sets();
  widen_torch_kernels(sets);
  widen_openblas_kernels(sets);
  keep_waits_short();
  TensorAllocator::install();
}

}  // namespace

void configure_runtime(int threads) {
  require(threads >= 0, "the number of threads is negative; give 0 for all cores or a positive number");
  static std::once_flag once;
  std::call_once(once, configure_process);
  use_threads(threads == 0 ? usable_cores() : threads);
  flush_denormals_everywhere();
}

std::string to_string(Blas blas) {
  switch (blas) {
    case Blas::kOpenBlasOpenMp: return "OpenBLAS (OpenMP)";
    case Blas::kOpenBlasPthread: return "OpenBLAS (own threads)";
    case Blas::kOpenBlasSerial: return "OpenBLAS (one thread)";
    case Blas::kReference: return "reference BLAS";
    case Blas::kMkl: return "MKL";
    case Blas::kOther: break;
  }
  return "another BLAS";
}

RuntimeReport runtime_report() {
  RuntimeReport report;
  report.cpu = cpu_name();
  report.instruction_sets = instruction_sets();
  report.cores = usable_cores();
  report.total_memory = total_memory();
  report.available_memory = available_memory();

  report.torch_version = TORCH_VERSION;
  report.torch_capability = torch_capability();
  report.torch_threads = at::get_num_threads();
  report.openmp_threads = omp_get_max_threads();
  report.denormals_flushed = denormals_flushed_everywhere();

  report.onednn_version = onednn_version();
  report.onednn_isa = onednn_isa();

  report.blas = blas_kind();
  report.blas_path = blas_file();
  report.blas_kernels = openblas_kernels();
  report.sgemm_gflops = measure_sgemm();
  report.advice = advise(report);
  return report;
}

std::vector<std::string> advise(const RuntimeReport& report) {
  constexpr std::uint64_t kComfortable = std::uint64_t{2} << 30;
  const auto has = [&](const char* name) { return has_instruction_set(report.instruction_sets, name); };
  std::vector<std::string> advice;
  if (report.blas == Blas::kReference)
    advice.emplace_back(
        "matrices are multiplied by the reference BLAS, tens of times slower than need be; "
        "install the package libopenblas0-openmp");
  if (report.blas == Blas::kOpenBlasPthread)
    advice.emplace_back(
        "OpenBLAS brings threads of its own, which compete with OpenMP's; "
        "install the package libopenblas0-openmp");
  if (report.blas == Blas::kOpenBlasSerial)
    advice.emplace_back("OpenBLAS was built for one thread; install the package libopenblas0-openmp");
  if (const auto wider = wider_openblas_kernels(report.blas_kernels, report.instruction_sets); !wider.empty())
    advice.emplace_back("OpenBLAS multiplies by its kernels for " + report.blas_kernels +
                        ", several times slower than need be; set OPENBLAS_CORETYPE=" + wider);
  if (!has("AVX2"))
    advice.emplace_back(
        "the processor offers no AVX2, so everything is several times slower; "
        "use a newer machine, or let the virtual machine pass the host's instructions on");
  if (has("AMX BF16") && report.onednn_isa != "AMX BF16" && report.onednn_isa != kNoOneDnn)
    advice.emplace_back("the processor has AMX but oneDNN uses " + report.onednn_isa +
                        "; unset DNNL_MAX_CPU_ISA and ONEDNN_MAX_CPU_ISA");
  if (report.torch_threads < report.cores || report.openmp_threads < report.cores)
    advice.emplace_back("only " + std::to_string(std::min(report.torch_threads, report.openmp_threads)) + " of " +
                        std::to_string(report.cores) + " cores are used; leave out --threads");
  if (!report.denormals_flushed)
    advice.emplace_back("denormal numbers are computed in full, which is slow; report this as a fault");
  if (report.available_memory != 0 && report.available_memory < kComfortable)
    advice.emplace_back("less than 2 GB of memory is free; close other programs or choose a smaller --size");
  return advice;
}

}  // namespace atelier
