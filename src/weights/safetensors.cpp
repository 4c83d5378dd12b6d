#include "weights/safetensors.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "atelier/error.h"
#include "core/atomic_file.h"
#include "core/json_text.h"
#include "core/json_walk.h"
#include "core/printable.h"
#include "weights/byte_reader.h"
#include "weights/mapped_file.h"

namespace atelier {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kLargestHeader = 100'000'000;  // the limit of the format's reference reader
constexpr std::size_t kMostDimensions = 16;

std::optional<DType> dtype_named(const std::string& name) {
  for (const auto dtype : {DType::kF64, DType::kF32, DType::kF16, DType::kBF16, DType::kI64, DType::kI32, DType::kI16,
                           DType::kI8, DType::kU8, DType::kBool})
    if (name_of(dtype) == name) return dtype;
  return std::nullopt;
}

/// Refuses what the JSON library would accept: repeated names and needless depth.
class HeaderGuard final : public JsonWalk {
 public:
  explicit HeaderGuard(const std::string& file) : file_(file) {}

  bool key(string_t& name) override {
    if (!names_[std::min(depth(), kNameSets) - 1].insert(name).second)
      damaged(file_, "its header names " + printable(name) + " twice");
    return true;
  }

 private:
  static constexpr std::size_t kNameSets = 2;  // of the header itself and of one entry
  static constexpr std::size_t kMostDepth = 3;

  void entered(std::size_t depth) override {
    if (depth > kMostDepth) damaged(file_, "its header is nested too deeply");
    if (depth <= kNameSets) names_[depth - 1].clear();
  }

  const std::string& file_;
  std::set<std::string> names_[kNameSets];
};

Json parse_header(std::string_view text, const std::string& file) {
  if (!text.starts_with('{')) damaged(file, "its header does not start with \"{\"");
  HeaderGuard guard(file);
  if (!Json::sax_parse(text, &guard)) damaged(file, "its header is not valid JSON");
  return Json::parse(text);
}

std::uint64_t unsigned_number(const Json& value, const std::string& file, const std::string& what) {
  if (!value.is_number_unsigned()) damaged(file, what + " must be whole numbers, zero or more");
  return value.get<std::uint64_t>();
}

std::vector<std::int64_t> parse_shape(const Json& entry, const std::string& file, const std::string& tensor) {
  const auto shape = entry.find("shape");
  if (shape == entry.end() || !shape->is_array()) damaged(file, tensor + " has no shape");
  if (shape->size() > kMostDimensions) damaged(file, tensor + " has too many dimensions");
  std::vector<std::int64_t> sizes;
  for (const auto& size : *shape) {
    const auto number = unsigned_number(size, file, tensor + ": sizes");
    if (number > INT64_MAX) damaged(file, tensor + " is absurdly large");
    sizes.push_back(static_cast<std::int64_t>(number));
  }
  return sizes;
}

/// Bytes that the shape needs. The product is checked here, so that the message names the tensor.
std::uint64_t byte_count(const WeightTensor& tensor, const std::string& file, const std::string& name) {
  std::uint64_t bytes = size_of(tensor.dtype);
  for (const auto size : tensor.shape)
    if (__builtin_mul_overflow(bytes, static_cast<std::uint64_t>(size), &bytes))
      damaged(file, name + " is absurdly large");
  return bytes;
}

WeightTensor parse_entry(const Json& entry, std::span<const std::byte> data, const std::string& file,
                         const std::string& name) {
  if (!entry.is_object()) damaged(file, name + " is not described by an object");
  const auto type = entry.find("dtype");
  if (type == entry.end() || !type->is_string()) damaged(file, name + " has no dtype");
  const auto dtype = dtype_named(type->get<std::string>());
  require(dtype.has_value(), file + ": " + name + " is of type " + printable(type->get<std::string>()) +
                                 ", which is not supported; save it as F32, F16 or BF16");
  WeightTensor tensor{*dtype, parse_shape(entry, file, name), {}};
  const auto offsets = entry.find("data_offsets");
  if (offsets == entry.end() || !offsets->is_array() || offsets->size() != 2)
    damaged(file, name + " has no data_offsets");
  const auto begin = unsigned_number((*offsets)[0], file, name + ": data_offsets");
  const auto end = unsigned_number((*offsets)[1], file, name + ": data_offsets");
  if (begin > end || end > data.size()) damaged(file, name + " lies outside the file");
  if (end - begin != byte_count(tensor, file, name)) damaged(file, name + " has a shape that does not fit its data");
  tensor.bytes = data.subspan(begin, end - begin);
  return tensor;
}

std::map<std::string, std::string> parse_metadata(const Json& values, const std::string& file) {
  if (!values.is_object()) damaged(file, "its metadata is not an object");
  std::map<std::string, std::string> metadata;
  for (const auto& [key, value] : values.items()) {
    if (!value.is_string()) damaged(file, "its metadata " + printable(key) + " is not a text");
    metadata[key] = value.get<std::string>();
  }
  return metadata;
}

/// The format allows neither gaps nor overlaps, so nothing can hide between the tensors.
void require_full_cover(const WeightSet& weights, std::span<const std::byte> data, const std::string& file) {
  std::vector<std::span<const std::byte>> pieces;
  for (const auto& [name, tensor] : weights.tensors) pieces.push_back(tensor.bytes);
  std::sort(pieces.begin(), pieces.end(),
            [](const auto& a, const auto& b) { return std::pair(a.data(), a.size()) < std::pair(b.data(), b.size()); });
  const std::byte* end = data.data();
  for (const auto& piece : pieces) {
    if (piece.data() < end) damaged(file, "its tensors overlap");
    if (piece.data() > end) damaged(file, "it has a gap between its tensors");
    end = piece.data() + piece.size();
  }
  if (end != data.data() + data.size()) damaged(file, "it has data that no tensor owns");
}

/// Wide types first, so that each tensor starts at a multiple of its element size.
std::vector<std::pair<std::string, const WeightTensor*>> in_file_order(const WeightSet& weights) {
  std::vector<std::pair<std::string, const WeightTensor*>> order;
  for (const auto& [name, tensor] : weights.tensors) order.emplace_back(name, &tensor);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return size_of(a.second->dtype) > size_of(b.second->dtype); });
  return order;
}

std::string header_of(const WeightSet& weights) {
  Json header = Json::object();
  if (!weights.metadata.empty()) header["__metadata__"] = weights.metadata;
  std::uint64_t offset = 0;
  for (const auto& [name, tensor] : in_file_order(weights)) {
    header[name] = {{"dtype", name_of(tensor->dtype)},
                    {"shape", tensor->shape},
                    {"data_offsets", {offset, offset + tensor->bytes.size()}}};
    offset += tensor->bytes.size();
  }
  std::string text = json_text(header);
  text.resize((text.size() + sizeof(std::uint64_t) + 63) / 64 * 64 - sizeof(std::uint64_t), ' ');
  return text;
}

}  // namespace

WeightSet parse_safetensors(std::span<const std::byte> bytes, const std::string& name) {
  ByteReader reader(bytes, name);
  const auto length = reader.number<std::uint64_t>();
  if (length > kLargestHeader || length > reader.left()) damaged(name, "its header does not fit into the file");
  const Json header = parse_header(reader.text(length), name);
  const auto data = reader.take(reader.left());

  WeightSet weights;
  for (const auto& [key, value] : header.items()) {
    if (key == "__metadata__") {
      weights.metadata = parse_metadata(value, name);
    } else {
      weights.tensors[key] = parse_entry(value, data, name, "tensor " + printable(key));
    }
  }
  require_full_cover(weights, data, name);
  return weights;
}

WeightSet read_safetensors(const std::filesystem::path& path) {
  const auto map = std::make_shared<MappedFile>(path);
  WeightSet weights = parse_safetensors(map->bytes(), path.string());
  keep_alive(weights, map);
  return weights;
}

void write_safetensors(const std::filesystem::path& path, const WeightSet& weights) {
  const std::string header = header_of(weights);
  const std::uint64_t length = header.size();
  AtomicFile file(path);
  file.write(std::as_bytes(std::span(&length, 1)));
  file.write(header);
  for (const auto& [name, tensor] : in_file_order(weights)) file.write(tensor->bytes);
  file.commit();
}

}  // namespace atelier
