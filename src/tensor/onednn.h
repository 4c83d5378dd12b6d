#pragma once
#include <string>
#include <string_view>

namespace atelier {

/// What a build without oneDNN says in place of the following two; the other two then say no.
inline constexpr const char* kNoOneDnn = "none";

/// "2.6.3"
std::string onednn_version();
/// The widest instruction set that oneDNN will use here, for instance "AMX BF16".
std::string onednn_isa();
/// Whether oneDNN can compute in bfloat16 here at all; it needs AVX-512.
bool onednn_has_bf16();
/// Whether networks and encoders are faster in bfloat16 than in float32 on such a machine: with AMX, and with AVX-512
/// BF16 on AMD's processors, which multiply twice as many numbers by it as by float32's instructions. Intel's multiply
/// as many, where Winograd's way in float32 needs a quarter of them.
/// @param isa     as onednn_isa() names it.
/// @param vendor  as cpu_vendor() does (core/machine.h).
inline bool gains_by_bf16(std::string_view isa, std::string_view vendor) {
  return isa == "AMX BF16" || (isa == "AVX-512 BF16" && vendor == "AuthenticAMD");
}
/// The same of this machine.
bool onednn_has_fast_bf16();

}  // namespace atelier
