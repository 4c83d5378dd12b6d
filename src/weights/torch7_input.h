#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weights/byte_reader.h"
#include "weights/weight_set.h"

namespace atelier {

/// The primitive values of a file that Torch7's torch.save wrote, in either of its two modes.
/// Format: torch/torch7, lib/TH/THDiskFile.c. Every read throws Error where the file ends or holds something else.
class Torch7Input {
 public:
  virtual ~Torch7Input() = default;

  virtual std::int32_t integer() = 0;
  virtual std::int64_t long_integer() = 0;
  virtual double number() = 0;
  virtual std::string_view text(std::uint64_t length) = 0;
  /// `count` elements, little endian; valid as long as the file's bytes and this object.
  virtual std::span<const std::byte> elements(DType dtype, std::uint64_t count) = 0;
  /// How elements of that type are handed over: half precision written as decimals comes as F32.
  virtual DType stored_as(DType dtype) const = 0;
  virtual const std::string& file() const = 0;
};

/// Mode "binary", the usual one: numbers as in memory on a little-endian machine with longs of 64 bits.
std::unique_ptr<Torch7Input> open_binary_torch7(std::span<const std::byte> bytes, const std::string& file);

/// Mode "ascii": decimals between white space; texts and byte arrays raw; a newline after each group.
std::unique_ptr<Torch7Input> open_ascii_torch7(std::span<const std::byte> bytes, const std::string& file);

}  // namespace atelier
