// Any bytes as a .safetensors file: an Error or a readable result, never a crash.
#include <cstdint>

#include "atelier/error.h"
#include "weights/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    atelier::content_sha256(atelier::parse_safetensors(std::as_bytes(std::span(data, size)), "fuzz"));
  } catch (const atelier::Error&) {
    // Refusing is the expected answer.
  }
  return 0;
}
