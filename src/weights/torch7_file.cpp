#include "weights/torch7_file.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "weights/pytorch_tensors.h"
#include "weights/torch7_objects.h"

namespace atelier {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kMostDescribed = 20'000;
constexpr std::size_t kLongestText = 200;
constexpr std::size_t kMostFields = 200;
constexpr std::size_t kLongestPath = 500;
constexpr int kDeepest = 64;  // as collect_tensors(), which refuses what lies deeper
constexpr std::string_view kBinaryTable("\3\0\0\0\1\0\0\0", 8), kBinaryObject("\4\0\0\0\1\0\0\0", 8);

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_binary(std::string_view start) { return start.starts_with(kBinaryTable) || start.starts_with(kBinaryObject); }

bool is_plain(std::string_view text) {
  return text.size() <= kLongestText &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

/// What every object is and which plain values it holds: the counterpart of collect_tensors().
class Describer {
 public:
  Describer(const Torch7Objects& objects, const std::string& file) : objects_(objects), file_(file) {}

  std::string describe() {
    visit(*objects_.root, "", 0);
    return list_.dump();
  }

 private:
  void visit(const PickleNode& node, const std::string& path, int depth) {
    const auto* table = node.as<PickleDict>();
    const bool described = depth <= kDeepest && path.size() <= kLongestPath;
    if (table == nullptr || !described || !seen_.insert(&node).second) return;
    add(node, *table, path);
    for (const auto& [key, value] : table->items) {
      if (value->as<PickleDict>() == nullptr) continue;
      const auto name = text_of(*key);
      if (is_plain(name)) visit(*value, path.empty() ? name : path + "." + name, depth + 1);
    }
  }

  void add(const PickleNode& node, const PickleDict& table, const std::string& path) {
    const auto found = objects_.classes.find(&node);
    auto fields = fields_of(table);
    if (found == objects_.classes.end() && fields.empty()) return;
    if (list_.size() >= kMostDescribed)
      throw Error(file_ + " holds more than 20,000 objects with fields; save only the model's parameters");
    list_.push_back({{"path", path},
                     {"class", found == objects_.classes.end() ? "table" : found->second},
                     {"fields", std::move(fields)}});
  }

  static ordered_json fields_of(const PickleDict& table) {
    ordered_json fields = ordered_json::object();
    for (const auto& [key, value] : table.items) {
      const auto* name = key->as<std::string_view>();
      if (name == nullptr || !is_plain(*name) || fields.size() >= kMostFields) continue;
      const std::string field(*name);
      if (const auto* flag = value->as<bool>()) fields[field] = *flag;
      if (const auto* integer = value->as<std::int64_t>()) fields[field] = *integer;
      if (const auto* number = value->as<double>()) fields[field] = *number;
      if (const auto* text = value->as<std::string_view>(); text != nullptr && is_plain(*text)) fields[field] = *text;
    }
    return fields;
  }

  static std::string text_of(const PickleNode& key) {
    if (const auto* number = key.as<std::int64_t>()) return std::to_string(*number);
    return std::string(*key.as<std::string_view>());
  }

  const Torch7Objects& objects_;
  const std::string& file_;
  ordered_json list_ = ordered_json::array();
  std::unordered_set<const PickleNode*> seen_;
};

/// Copies of strided views may not outgrow what any honest model file needs.
std::uint64_t copy_limit(std::span<const std::byte> bytes) { return 2 * bytes.size() + (16u << 20); }

}  // namespace

bool looks_like_torch7(std::span<const std::byte> bytes) {
  const auto start = as_text(bytes.first(std::min<std::size_t>(bytes.size(), 8)));
  return is_binary(start) || start.starts_with("3\n1\n") || start.starts_with("4\n1\n");
}

WeightSet parse_torch7(std::span<const std::byte> bytes, const std::string& name) {
  const std::shared_ptr<Torch7Input> input =
      is_binary(as_text(bytes)) ? open_binary_torch7(bytes, name) : open_ascii_torch7(bytes, name);
  const auto objects = read_torch7(*input);
  const auto find = [&](const PickleStorage& storage) {
    std::size_t index = 0;
    std::from_chars(storage.key.data(), storage.key.data() + storage.key.size(), index);
    return objects.storages.at(index);
  };
  WeightSet weights = collect_tensors(*objects.root, find, copy_limit(bytes), name);
  weights.metadata["torch7"] = Describer(objects, name).describe();
  keep_alive(weights, input);
  return weights;
}

}  // namespace atelier
