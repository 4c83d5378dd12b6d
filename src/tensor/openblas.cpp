#include "tensor/openblas.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "core/machine.h"

namespace atelier {
namespace {

/// Of a library that is loaded already; null where it has no such function.
template <typename Function>
Function* loaded(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
}

void choose_kernels(const std::vector<std::string>& instruction_sets) {
  if (std::getenv("OPENBLAS_CORETYPE") != nullptr) return;
  const auto wider = wider_openblas_kernels(openblas_kernels(), instruction_sets);
  auto* const forget = loaded<void()>("gotoblas_dynamic_quit");
  auto* const choose = loaded<void()>("gotoblas_dynamic_init");
  if (wider.empty() || forget == nullptr || choose == nullptr) return;
  setenv("OPENBLAS_CORETYPE", wider.c_str(), 1);
  forget();
  choose();
  unsetenv("OPENBLAS_CORETYPE");
}

}  // namespace

std::optional<int> openblas_threading() {
  auto* const kind = loaded<int()>("openblas_get_parallel");
  return kind == nullptr ? std::nullopt : std::optional(kind());
}

std::string openblas_kernels() {
  auto* const name = loaded<char*()>("openblas_get_corename");
  return name == nullptr ? "" : name();
}

std::string wider_openblas_kernels(const std::string& uses, const std::vector<std::string>& instruction_sets) {
  constexpr std::array kWithoutAvx = {"Prescott", "Core2",   "Penryn",       "Dunnington", "Nehalem", "Atom",
                                      "Nano",     "Opteron", "Opteron_SSE3", "Barcelona",  "Bobcat"};
  if (std::find(kWithoutAvx.begin(), kWithoutAvx.end(), uses) == kWithoutAvx.end()) return "";
  if (has_instruction_set(instruction_sets, "AVX-512")) return "SkylakeX";
  return has_instruction_set(instruction_sets, "AVX2") ? "Haswell" : "";
}

void widen_openblas_kernels(const std::vector<std::string>& instruction_sets) {
  [[maybe_unused]] static const bool chosen = (choose_kernels(instruction_sets), true);
}

}  // namespace atelier
