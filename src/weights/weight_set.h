#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace atelier {

/// Element types that weight files hold.
enum class DType { kF64, kF32, kF16, kBF16, kI64, kI32, kI16, kI8, kU8, kBool };

/// Bytes per element.
std::size_t size_of(DType dtype);

/// One named array: row-major, little endian, contiguous.
struct WeightTensor {
  DType dtype = DType::kF32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;  ///< owned by the WeightSet's storage
};

/// The tensors of one model file, whatever its format was. Copies share the storage
/// (a memory map or a buffer), which lives as long as any of them.
struct WeightSet {
  std::map<std::string, WeightTensor> tensors;
  std::map<std::string, std::string> metadata;
  std::shared_ptr<const void> storage;

  /// @throws Error naming the tensor when it is missing.
  const WeightTensor& at(const std::string& name) const;
  /// Values of a floating-point tensor as float (F64, F32, F16, BF16).
  std::vector<float> floats(const std::string& name) const;
};

}  // namespace atelier
