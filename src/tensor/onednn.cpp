#include "tensor/onednn.h"

#include <dnnl.hpp>

#include "core/machine.h"

namespace atelier {
namespace {

std::string name_of(dnnl::cpu_isa isa) {
  switch (isa) {
    case dnnl::cpu_isa::sse41: return "SSE4.1";
    case dnnl::cpu_isa::avx: return "AVX";
    case dnnl::cpu_isa::avx2: return "AVX2";
    case dnnl::cpu_isa::avx2_vnni: return "AVX2 VNNI";
    case dnnl::cpu_isa::avx512_core: return "AVX-512";
    case dnnl::cpu_isa::avx512_core_vnni: return "AVX-512 VNNI";
    case dnnl::cpu_isa::avx512_core_bf16: return "AVX-512 BF16";
    case dnnl::cpu_isa::avx512_core_amx: return "AMX BF16";
    default: return "another";
  }
}

}  // namespace

std::string onednn_version() {
  const dnnl_version_t* version = dnnl_version();
  return std::to_string(version->major) + '.' + std::to_string(version->minor) + '.' + std::to_string(version->patch);
}

std::string onednn_isa() { return name_of(dnnl::get_effective_cpu_isa()); }

// By name: as numbers oneDNN's sets are not in order, AVX2 VNNI, which has none of this, comes after AMX.
bool onednn_has_bf16() {
  const auto isa = onednn_isa();
  return isa.starts_with("AVX-512") || isa.starts_with("AMX");
}

bool onednn_has_fast_bf16() {
  static const bool fast = gains_by_bf16(onednn_isa(), cpu_vendor());  // the vendor stands in a file of the kernel's
  return fast;
}

}  // namespace atelier
