// Any bytes as a file of torch.save, zip or legacy: an Error or a readable result, never a crash.
#include <cstdint>

#include "atelier/error.h"
#include "weights/pytorch_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    atelier::content_sha256(atelier::parse_pytorch(std::as_bytes(std::span(data, size)), "fuzz"));
  } catch (const atelier::Error&) {
    // Refusing is the expected answer.
  }
  return 0;
}
