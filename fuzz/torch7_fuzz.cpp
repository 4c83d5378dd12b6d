// Any bytes as a Torch7 file, binary or ascii: an Error or a readable result, never a crash.
#include <cstdint>

#include "atelier/error.h"
#include "weights/torch7_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    atelier::content_sha256(atelier::parse_torch7(std::as_bytes(std::span(data, size)), "fuzz"));
  } catch (const atelier::Error&) {
    // Refusing is the expected answer.
  }
  return 0;
}
