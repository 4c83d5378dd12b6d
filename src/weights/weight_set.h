#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atelier {

/// Element types that weight files hold.
enum class DType { kF64, kF32, kF16, kBF16, kI64, kI32, kI16, kI8, kU8, kBool };

/// Bytes per element.
std::size_t size_of(DType dtype);

/// As safetensors spells it: "F64", "F32", "F16", "BF16", "I64", ... "BOOL".
std::string_view name_of(DType dtype);

/// Number of elements of a shape; 1 for a scalar (no dimensions).
/// @throws Error when a dimension is negative or the product does not fit 63 bits.
std::uint64_t element_count(std::span<const std::int64_t> shape);

/// One named array: row-major, little endian, contiguous.
struct WeightTensor {
  DType dtype = DType::kF32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;  ///< owned by the WeightSet's storage; not necessarily aligned
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
  /// @throws Error when it is missing or holds integers.
  std::vector<float> floats(const std::string& name) const;
};

/// Turns weights that it knows into a model of ours, metadata included; gives nothing for others.
using RecogniseWeights = std::function<std::optional<WeightSet>(const WeightSet&)>;

/// Name of a tensor that holds a value which is not finite as a float; none where all are.
std::optional<std::string> not_finite(const WeightSet& weights);

/// @throws Error when a tensor holds such a value. @param file  where they are from, for the message.
void check_finite(const WeightSet& weights, const std::string& file);

/// Makes `weights` keep `owner` alive beside what it keeps already.
void keep_alive(WeightSet& weights, std::shared_ptr<const void> owner);

/// SHA-256 over every tensor's name, type, shape and bytes, in name order: equal for two files that
/// hold the same tensors, whatever their format and metadata. 64 hexadecimal digits.
std::string content_sha256(const WeightSet& weights);

/// Collects tensors into a WeightSet that owns their bytes.
class WeightSetBuilder {
 public:
  /// @throws Error when the name is taken or `bytes` does not fit shape and type.
  WeightSetBuilder& add(const std::string& name, DType dtype, std::vector<std::int64_t> shape,
                        std::vector<std::byte> bytes);
  /// Stores floats as F32, F16 or BF16 (to the nearest, ties to even).
  WeightSetBuilder& add_floats(const std::string& name, std::vector<std::int64_t> shape, std::span<const float> values,
                               DType dtype = DType::kF32);
  WeightSetBuilder& set_metadata(const std::string& key, const std::string& value);
  /// Hands over what was collected; the builder is empty afterwards.
  WeightSet build();

 private:
  std::shared_ptr<std::deque<std::vector<std::byte>>> buffers_ = std::make_shared<std::deque<std::vector<std::byte>>>();
  WeightSet set_;
};

}  // namespace atelier
