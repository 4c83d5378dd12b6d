#include "weights/pytorch_file.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string_view>

#include "weights/byte_reader.h"
#include "weights/pickle.h"
#include "weights/pytorch_tensors.h"
#include "weights/zip_archive.h"

namespace atelier {
namespace {

// torch/serialization.py: MAGIC_NUMBER 0x1950a86a20f9469cfc6c, PROTOCOL_VERSION 1001.
constexpr std::string_view kMagic("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10);
constexpr std::int64_t kLegacyVersion = 1001;
constexpr std::string_view kZipMagic("PK\x03\x04", 4);

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Copies of strided views may not outgrow what any honest model file needs.
std::uint64_t copy_limit(std::span<const std::byte> bytes) { return 2 * bytes.size() + (16u << 20); }

std::uint64_t byte_count(const PickleStorage& storage, const std::string& file) {
  std::uint64_t bytes = 0;
  if (__builtin_mul_overflow(storage.elements, size_of(storage.dtype), &bytes))
    damaged(file, "a storage is absurdly large");
  return bytes;
}

[[noreturn]] void refuse_big_endian(const std::string& file) {
  throw Error(file + " was written on a big-endian machine; load and save it on a little-endian one");
}

/// The system facts that legacy files state before the tensors; an absent "little_endian" is taken as true.
void check_system(const PickleNode& facts, const std::string& file) {
  const auto* dict = facts.as<PickleDict>();
  if (dict == nullptr) damaged(file, "it does not say on which system it was written");
  for (const auto& [key, value] : dict->items) {
    const auto* name = key->as<std::string_view>();
    const auto* answer = value->as<bool>();
    if (name != nullptr && *name == "little_endian" && answer != nullptr && !*answer) refuse_big_endian(file);
  }
}

void check_legacy_heading(ByteReader& reader) {
  const auto magic = read_pickle(reader);
  const auto* number = magic.root->as<PickleBigInteger>();
  if (number == nullptr || number->bytes != kMagic) damaged(reader.file(), "it does not start as PyTorch files do");
  const auto version = read_pickle(reader);
  const auto* value = version.root->as<std::int64_t>();
  if (value == nullptr || *value != kLegacyVersion) damaged(reader.file(), "its format version is unknown");
  check_system(*read_pickle(reader).root, reader.file());
}

using StorageMap = std::map<std::string_view, std::span<const std::byte>>;

/// After the pickles: for each key of a list, a 64-bit element count and the elements.
StorageMap read_legacy_storages(ByteReader& reader, const std::vector<PickleStorage>& described) {
  std::map<std::string_view, const PickleStorage*> by_key;
  for (const auto& storage : described)
    if (const auto [known, fresh] = by_key.emplace(storage.key, &storage);
        !fresh && (known->second->dtype != storage.dtype || known->second->elements != storage.elements))
      damaged(reader.file(), "it describes one storage in two ways");
  const auto keys = read_pickle(reader);
  const auto* list = keys.root->as<PickleList>();
  if (list == nullptr) damaged(reader.file(), "its list of storages is missing");
  StorageMap storages;
  for (const auto* item : list->items) {
    const auto* key = item->as<std::string_view>();
    const auto found = key == nullptr ? by_key.end() : by_key.find(*key);
    if (found == by_key.end()) damaged(reader.file(), "it has data that no tensor describes");
    if (reader.number<std::uint64_t>() != found->second->elements)
      damaged(reader.file(), "a storage is not as long as described");
    storages[found->first] = reader.take(byte_count(*found->second, reader.file()));
  }
  return storages;
}

WeightSet parse_legacy(std::span<const std::byte> bytes, const std::string& name) {
  ByteReader reader(bytes, name);
  check_legacy_heading(reader);
  const auto pickle = read_pickle(reader);
  const auto storages = read_legacy_storages(reader, pickle.storages);
  const auto find = [&](const PickleStorage& storage) {
    const auto found = storages.find(storage.key);
    if (found == storages.end()) damaged(name, "the data of a tensor is missing");
    return found->second;
  };
  return collect_tensors(*pickle.root, find, copy_limit(bytes), name);
}

std::string folder_in(const ZipArchive& archive, const std::string& file) {
  if (!archive.names_ending("/constants.pkl").empty())
    throw Error(file + " is a TorchScript program, not a set of weights; save model.state_dict() instead");
  const auto pickles = archive.names_ending("/data.pkl");
  require(pickles.size() == 1, file + " is a zip archive but not one of torch.save; name a .pth or .safetensors file");
  return pickles.front().substr(0, pickles.front().size() - std::string_view("data.pkl").size());
}

WeightSet parse_zip(std::span<const std::byte> bytes, const std::string& name) {
  const auto archive = std::make_shared<ZipArchive>(bytes, name);
  const std::string folder = folder_in(*archive, name);
  if (archive->contains(folder + "byteorder") && as_text(archive->read(folder + "byteorder")) != "little")
    refuse_big_endian(name);
  ByteReader reader(archive->read(folder + "data.pkl"), name);
  const auto pickle = read_pickle(reader);
  const auto find = [&](const PickleStorage& storage) {
    const auto data = archive->read(folder + "data/" + std::string(storage.key));
    if (data.size() < byte_count(storage, name)) damaged(name, "the data of a tensor is too short");
    return data;
  };
  WeightSet weights = collect_tensors(*pickle.root, find, copy_limit(bytes), name);
  keep_alive(weights, archive);
  return weights;
}

}  // namespace

bool looks_like_pytorch(std::span<const std::byte> bytes) {
  const auto start = as_text(bytes.first(std::min<std::size_t>(bytes.size(), 32)));
  return start.starts_with(kZipMagic) || (start.starts_with('\x80') && start.find(kMagic) < 6);
}

WeightSet parse_pytorch(std::span<const std::byte> bytes, const std::string& name) {
  return as_text(bytes).starts_with(kZipMagic) ? parse_zip(bytes, name) : parse_legacy(bytes, name);
}

}  // namespace atelier
