#include "weights/weight_set.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

#include "atelier/error.h"
#include "core/printable.h"
#include "core/sha256.h"

namespace atelier {
namespace {

template <typename Value>
Value load(const std::byte* from) {
  Value value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

/// IEEE 754 binary16: its bits in their places of a float, whose exponents begin 112 lower. Subnormal halves are told
/// by their distance from 2^-14, for as floats' bits they were subnormal too, which count as zero where tensors are at
/// work. A model opened for each picture has millions of them, so that the loop over them must vectorise.
float from_half(std::uint16_t half) {
  constexpr std::uint32_t kRebias = 112U << 23, kLeastNormal = 113U << 23;
  const std::uint32_t sign = (half & 0x8000U) << 16, rest = (half & 0x7fffU) << 13;
  const auto subnormal = std::bit_cast<std::uint32_t>(std::bit_cast<float>(rest | kLeastNormal) - 0x1p-14f);
  const bool finite = (half & 0x7c00U) != 0x7c00U, normal = (half & 0x7c00U) != 0;
  return std::bit_cast<float>(sign | (!finite ? rest | 0x7f800000U : normal ? rest + kRebias : subnormal));
}

float from_bfloat(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

std::uint16_t to_half(float value) {
  const std::uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  if (std::isnan(value)) return sign | 0x7e00;
  if (std::abs(value) >= 65520.f) return sign | 0x7c00;
  int exponent = 0;
  std::frexp(value, &exponent);                      // |value| is in [2^(exponent-1), 2^exponent)
  if (exponent < -13 || value == 0) exponent = -13;  // halves below 2^-14 share one spacing
  // Steps of the half's spacing, 1024 to 2048 of them unless subnormal; nearbyint rounds ties to even.
  const auto steps = static_cast<int>(std::nearbyint(std::ldexp(std::abs(value), 11 - exponent)));
  return static_cast<std::uint16_t>(sign | (((exponent + 13) << 10) + steps));
}

std::uint16_t to_bfloat(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if (std::isnan(value)) return static_cast<std::uint16_t>(bits >> 16 | 0x40);
  return static_cast<std::uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

std::vector<std::byte> encode(std::span<const float> values, DType dtype) {
  std::vector<std::byte> bytes(values.size() * size_of(dtype));
  if (dtype == DType::kF32) {
    if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
  }
  require(dtype == DType::kF16 || dtype == DType::kBF16, "add_floats: the type must be F32, F16 or BF16");
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto bits = dtype == DType::kF16 ? to_half(values[i]) : to_bfloat(values[i]);
    std::memcpy(&bytes[i * 2], &bits, 2);
  }
  return bytes;
}

/// Without a branch for each value: models of millions of weights are opened for each picture.
template <typename Bits>
bool exponents_below(Bits infinite, std::span<const std::byte> bytes) {
  Bits found = 0;
  for (std::size_t at = 0; at + sizeof(Bits) <= bytes.size(); at += sizeof(Bits))
    found |= static_cast<Bits>((load<Bits>(bytes.data() + at) & infinite) == infinite);
  return found == 0;
}

bool doubles_finite_as_floats(std::span<const std::byte> bytes) {
  for (std::size_t at = 0; at + sizeof(double) <= bytes.size(); at += sizeof(double))
    if (!std::isfinite(static_cast<float>(load<double>(bytes.data() + at)))) return false;
  return true;
}

bool finite_as_floats(const WeightTensor& tensor) {
  switch (tensor.dtype) {
    case DType::kF16: return exponents_below<std::uint16_t>(0x7c00, tensor.bytes);
    case DType::kBF16: return exponents_below<std::uint16_t>(0x7f80, tensor.bytes);
    case DType::kF32: return exponents_below<std::uint32_t>(0x7f800000, tensor.bytes);
    case DType::kF64: return doubles_finite_as_floats(tensor.bytes);
    default: return true;
  }
}

bool is_floating(DType dtype) {
  return dtype == DType::kF64 || dtype == DType::kF32 || dtype == DType::kF16 || dtype == DType::kBF16;
}

/// One little-endian element of a floating type.
float float_at(DType dtype, const std::byte* element) {
  switch (dtype) {
    case DType::kF64: return static_cast<float>(load<double>(element));
    case DType::kF16: return from_half(load<std::uint16_t>(element));
    case DType::kBF16: return from_bfloat(load<std::uint16_t>(element));
    default: return load<float>(element);
  }
}

}  // namespace

std::size_t size_of(DType dtype) {
  switch (dtype) {
    case DType::kF64:
    case DType::kI64: return 8;
    case DType::kF32:
    case DType::kI32: return 4;
    case DType::kF16:
    case DType::kBF16:
    case DType::kI16: return 2;
    case DType::kI8:
    case DType::kU8:
    case DType::kBool: return 1;
  }
  return 1;
}

std::string_view name_of(DType dtype) {
  switch (dtype) {
    case DType::kF64: return "F64";
    case DType::kF32: return "F32";
    case DType::kF16: return "F16";
    case DType::kBF16: return "BF16";
    case DType::kI64: return "I64";
    case DType::kI32: return "I32";
    case DType::kI16: return "I16";
    case DType::kI8: return "I8";
    case DType::kU8: return "U8";
    case DType::kBool: return "BOOL";
  }
  return "";
}

std::uint64_t element_count(std::span<const std::int64_t> shape) {
  std::int64_t count = 1;
  for (const std::int64_t size : shape)
    require(size >= 0 && !__builtin_mul_overflow(count, size, &count),
            "a tensor's shape is negative or absurdly large; the file is damaged, get it again");
  return static_cast<std::uint64_t>(count);
}

const WeightTensor& WeightSet::at(const std::string& name) const {
  const auto found = tensors.find(name);
  if (found != tensors.end()) return found->second;
  throw Error("the model holds no tensor " + printable(name) + "; this is not the expected model, choose another");
}

std::optional<std::string> not_finite(const WeightSet& weights) {
  for (const auto& [name, tensor] : weights.tensors)
    if (!finite_as_floats(tensor)) return name;
  return std::nullopt;
}

void check_finite(const WeightSet& weights, const std::string& file) {
  if (const auto name = not_finite(weights))
    throw Error(file + ": tensor " + printable(*name) +
                " holds values that are not finite; the model is useless, get another");
}

void keep_alive(WeightSet& weights, std::shared_ptr<const void> owner) {
  using Both = std::pair<std::shared_ptr<const void>, std::shared_ptr<const void>>;
  weights.storage = std::make_shared<Both>(std::move(owner), std::move(weights.storage));
}

std::vector<float> WeightSet::floats(const std::string& name) const {
  const WeightTensor& tensor = at(name);
  require(is_floating(tensor.dtype),
          "the tensor " + printable(name) + " holds " + std::string(name_of(tensor.dtype)) +
              ", not floating-point numbers; this is not the expected model, choose another");
  std::vector<float> values(tensor.bytes.size() / size_of(tensor.dtype));
  const auto* from = tensor.bytes.data();
  if (tensor.dtype == DType::kF16)
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = from_half(load<std::uint16_t>(from + 2 * i));
  else
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = float_at(tensor.dtype, from + i * size_of(tensor.dtype));
  return values;
}

std::string content_sha256(const WeightSet& weights) {
  Sha256 hash;
  for (const auto& [name, tensor] : weights.tensors) {
    std::string heading = std::to_string(name.size()) + ":" + name + " " + std::string(name_of(tensor.dtype));
    for (const auto size : tensor.shape) heading += " " + std::to_string(size);
    hash.add(heading + "\n").add(tensor.bytes);
  }
  return hash.hex();
}

WeightSetBuilder& WeightSetBuilder::add(const std::string& name, DType dtype, std::vector<std::int64_t> shape,
                                        std::vector<std::byte> bytes) {
  require(!set_.tensors.contains(name), "the tensor " + printable(name) + " was added twice; give it another name");
  require(bytes.size() % size_of(dtype) == 0 && bytes.size() / size_of(dtype) == element_count(shape),
          "the tensor " + printable(name) + " has " + std::to_string(bytes.size()) +
              " bytes, which do not fit its shape; pass one value per element");
  const auto& kept = buffers_->emplace_back(std::move(bytes));
  set_.tensors[name] = {dtype, std::move(shape), kept};
  return *this;
}

WeightSetBuilder& WeightSetBuilder::add_floats(const std::string& name, std::vector<std::int64_t> shape,
                                               std::span<const float> values, DType dtype) {
  return add(name, dtype, std::move(shape), encode(values, dtype));
}

WeightSetBuilder& WeightSetBuilder::set_metadata(const std::string& key, const std::string& value) {
  set_.metadata[key] = value;
  return *this;
}

WeightSet WeightSetBuilder::build() {
  set_.storage = std::exchange(buffers_, std::make_shared<std::deque<std::vector<std::byte>>>());
  return std::exchange(set_, {});
}

}  // namespace atelier
