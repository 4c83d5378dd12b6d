#include "weights/tfjs_folder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "atelier/error.h"
#include "core/printable.h"
#include "weights/byte_reader.h"
#include "weights/mapped_file.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kLargestManifest = 64u << 20;
constexpr std::size_t kMostTensors = 10'000;
constexpr std::size_t kLongestName = 500;

/// The manifest of a folder, under one of the names that the converters give it.
fs::path manifest_in(const fs::path& folder) {
  for (const char* name : {"manifest.json", "weights_manifest.json", "model.json"})
    if (fs::exists(folder / name)) return folder / name;
  std::set<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().filename().string().ends_with("-weights_manifest.json")) found.insert(entry.path());
  require(found.size() == 1, folder.string() + (found.empty() ? " holds no manifest.json, weights_manifest.json or "
                                                                "model.json; name a weight file, or a tfjs folder"
                                                              : " holds several manifests; name one of them"));
  return *found.begin();
}

json parse_manifest(const fs::path& path) {
  const MappedFile file(path);
  require(file.bytes().size() <= kLargestManifest, path.string() + " is too large for a manifest; name a weight file");
  const auto* start = reinterpret_cast<const char*>(file.bytes().data());
  auto parsed = json::parse(start, start + file.bytes().size(), nullptr, false);
  if (parsed.is_discarded()) damaged(path.string(), "it is not sound JSON");
  return parsed;
}

/// What a manifest says; any other JSON type in its place means damage.
template <typename Type>
Type field(const json& object, const char* key, const std::string& file) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  if (found == object.end()) damaged(file, std::string("an entry lacks \"") + key + "\"");
  try {
    return found->get<Type>();
  } catch (const json::exception&) {
    damaged(file, std::string("an entry's \"") + key + "\" is of the wrong type");
  }
}

std::vector<std::int64_t> shape_of(const json& entry, const std::string& file) {
  std::vector<std::int64_t> shape;
  for (const double size : field<std::vector<double>>(entry, "shape", file)) {
    if (!(size >= 0 && size < 1e15) || size != std::floor(size)) damaged(file, "a shape is malformed");
    shape.push_back(static_cast<std::int64_t>(size));
  }
  if (shape.size() > 16) damaged(file, "a shape is malformed");
  return shape;
}

/// A file that the manifest names: beside it or below, never elsewhere.
std::shared_ptr<const MappedFile> open_beside(const fs::path& manifest, const std::string& name) {
  const fs::path relative(name);
  const bool inside = !relative.empty() && relative.is_relative() &&
                      std::none_of(relative.begin(), relative.end(), [](const fs::path& part) { return part == ".."; });
  require(inside, manifest.string() + " names the file " + printable(name) +
                      " outside its folder; put it into the folder and correct the manifest");
  return std::make_shared<MappedFile>(manifest.parent_path() / relative);
}

/// What the tensors' bytes belong to: one list, as a chain of keep_alive() would be as deep as it has links.
using Owners = std::vector<std::shared_ptr<const void>>;

void check_name(const WeightSet& weights, const std::string& name, const std::string& file) {
  const bool plain = !name.empty() && name.size() <= kLongestName &&
                     std::all_of(name.begin(), name.end(), [](char c) { return c >= ' ' && c <= '~'; });
  require(plain, file + " has the name " + printable(name) + "; rename it to plain ASCII of at most 500 characters");
  if (weights.tensors.contains(name)) damaged(file, "it holds " + printable(name) + " twice");
  require(weights.tensors.size() < kMostTensors, file + " holds more than 10,000 variables; convert fewer");
}

/// deeplearn.js: a file of floats for each variable.
WeightSet read_checkpoint(const json& manifest, const fs::path& path) {
  WeightSet weights;
  const auto owners = std::make_shared<Owners>();
  weights.storage = owners;
  const auto file = path.string();
  for (const auto& [name, entry] : manifest.items()) {
    check_name(weights, name, file);
    auto shape = shape_of(entry, file);
    const auto data = open_beside(path, field<std::string>(entry, "filename", file));
    if (data->bytes().size() / 4 != element_count(shape) || data->bytes().size() % 4 != 0)
      damaged(file, "the file of " + printable(name) + " is not as long as its shape says");
    weights.tensors[name] = {DType::kF32, std::move(shape), data->bytes()};
    owners->push_back(data);
  }
  return weights;
}

struct Encoding {
  const char* name;
  DType dtype;
  std::size_t bytes;
};
constexpr std::array kPlain{Encoding{"float32", DType::kF32, 4}, Encoding{"int32", DType::kI32, 4},
                            Encoding{"bool", DType::kBool, 1}, Encoding{"uint8", DType::kU8, 1}};
constexpr std::array kQuantised{Encoding{"uint8", DType::kU8, 1}, Encoding{"uint16", DType::kI16, 2},
                                Encoding{"float16", DType::kF16, 2}};

template <std::size_t N>
const Encoding& find(const std::array<Encoding, N>& encodings, const std::string& name, const std::string& file) {
  const auto found = std::find_if(encodings.begin(), encodings.end(), [&](const auto& e) { return name == e.name; });
  require(found != encodings.end(),
          file + " holds weights of the type " + printable(name) + ", which is not supported; convert them to float32");
  return *found;
}

/// scale · q + min: float32, or rounded to int32. io_utils.ts computes in double, as here.
std::vector<std::byte> dequantise(std::span<const std::byte> codes, std::size_t width, double scale, double min,
                                  bool integers) {
  std::vector<std::byte> out(codes.size() / width * 4);
  for (std::size_t i = 0; i < codes.size() / width; ++i) {
    std::uint16_t code = 0;
    std::memcpy(&code, &codes[i * width], width);
    const double value = scale * code + min;
    const auto whole =
        static_cast<std::int32_t>(integers ? std::clamp(std::floor(value + 0.5), -2147483648.0, 2147483647.0) : 0);
    const auto real = static_cast<float>(value);
    std::memcpy(&out[i * 4], integers ? static_cast<const void*>(&whole) : &real, 4);
  }
  return out;
}

/// The weights of one group, from the joined bytes of its files.
class GroupReader {
 public:
  GroupReader(std::span<const std::byte> bytes, const std::string& file, WeightSet& weights, Owners& owners)
      : reader_(bytes, file), file_(file), weights_(weights), owners_(owners) {}

  void read(const json& entry) {
    const auto name = field<std::string>(entry, "name", file_);
    check_name(weights_, name, file_);
    auto shape = shape_of(entry, file_);
    const auto& plain = find(kPlain, field<std::string>(entry, "dtype", file_), file_);
    const auto quantisation = entry.find("quantization");
    const bool packed = quantisation != entry.end() && quantisation->is_object();
    const auto& stored = packed ? find(kQuantised, field<std::string>(*quantisation, "dtype", file_), file_) : plain;
    const auto count = element_count(shape);
    if (count > reader_.left() / stored.bytes) damaged(file_, "the files are too short for " + printable(name));
    const auto codes = reader_.take(count * stored.bytes);
    if (!packed || stored.dtype == DType::kF16) {
      weights_.tensors[name] = {stored.dtype, std::move(shape), codes};
      return;
    }
    const auto values = std::make_shared<std::vector<std::byte>>(dequantise(
        codes, stored.bytes, finite(*quantisation, "scale"), finite(*quantisation, "min"), plain.dtype != DType::kF32));
    weights_.tensors[name] = {plain.dtype == DType::kF32 ? DType::kF32 : DType::kI32, std::move(shape), *values};
    owners_.push_back(values);
  }

  void finish() const {
    if (reader_.left() != 0) damaged(file_, "its files hold more than the weights that it lists");
  }

 private:
  double finite(const json& entry, const char* key) const {
    const auto value = field<double>(entry, key, file_);
    if (!std::isfinite(value)) damaged(file_, "a quantisation is malformed");
    return value;
  }

  ByteReader reader_;
  const std::string& file_;
  WeightSet& weights_;
  Owners& owners_;
};

WeightSet read_groups(const json& groups, const fs::path& path) {
  WeightSet weights;
  const auto owners = std::make_shared<Owners>();
  weights.storage = owners;
  const auto file = path.string();
  std::set<std::string> seen;
  for (const auto& group : groups) {
    const auto bytes = std::make_shared<std::vector<std::byte>>();
    for (const auto& name : field<std::vector<std::string>>(group, "paths", file)) {
      if (!seen.insert(name).second) damaged(file, "it names the file " + printable(name) + " twice");
      const auto shard = open_beside(path, name);
      bytes->insert(bytes->end(), shard->bytes().begin(), shard->bytes().end());
    }
    GroupReader reader(*bytes, file, weights, *owners);
    for (const auto& entry : field<json>(group, "weights", file)) reader.read(entry);
    reader.finish();
    owners->push_back(bytes);
  }
  return weights;
}

bool is_checkpoint(const json& manifest) {
  return manifest.is_object() && !manifest.empty() &&
         std::all_of(manifest.begin(), manifest.end(),
                     [](const json& entry) { return entry.is_object() && entry.contains("filename"); });
}

}  // namespace

bool looks_like_tfjs(std::span<const std::byte> bytes) {
  for (const auto byte : bytes) {
    const char c = static_cast<char>(byte);
    if (c == '{' || c == '[') return true;
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') return false;
  }
  return false;
}

WeightSet read_tfjs(const fs::path& path) {
  const auto manifest = fs::is_directory(path) ? manifest_in(path) : path;
  const auto parsed = parse_manifest(manifest);
  if (is_checkpoint(parsed)) return read_checkpoint(parsed, manifest);
  if (parsed.is_array()) return read_groups(parsed, manifest);
  const auto groups = parsed.is_object() ? parsed.find("weightsManifest") : parsed.end();
  require(groups != parsed.end() && groups->is_array(),
          manifest.string() + " is no manifest of deeplearn.js or TensorFlow.js; name the folder of a converted model");
  return read_groups(*groups, manifest);
}

}  // namespace atelier
