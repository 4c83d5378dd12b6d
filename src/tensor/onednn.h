#pragma once
#include <string>

namespace atelier {

/// What a build without oneDNN says in place of the following two; the other two then say no.
inline constexpr const char* kNoOneDnn = "none";

/// "2.6.3"
std::string onednn_version();
/// The widest instruction set that oneDNN will use here, for instance "AMX BF16".
std::string onednn_isa();
/// Whether oneDNN can compute in bfloat16 here at all; it needs AVX-512.
bool onednn_has_bf16();
/// Whether oneDNN multiplies bfloat16 faster than float32 here.
bool onednn_has_fast_bf16();

}  // namespace atelier
