#include "weights/torch7_objects.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "core/printable.h"

namespace atelier {
namespace {

constexpr std::size_t kMostObjects = 2'000'000;
constexpr int kDeepest = 200;
constexpr int kMostDimensions = 16;
constexpr std::int32_t kLongestClassName = 200;

/// torch/torch7, File.lua.
enum Type : std::int32_t {
  kNil = 0,
  kNumber = 1,
  kString = 2,
  kTable = 3,
  kTorch = 4,
  kBoolean = 5,
  kFunction = 6,
  kOldRecursiveFunction = 7,
  kRecursiveFunction = 8,
};

struct TensorClass {
  DType dtype;
  bool storage;
};

/// "torch.FloatTensor", "torch.CudaDoubleStorage", ...; "torch.CudaTensor" holds floats.
std::optional<TensorClass> tensor_class(std::string_view name) {
  constexpr std::array kTypes{std::pair{"Byte", DType::kU8},    std::pair{"Char", DType::kI8},
                              std::pair{"Short", DType::kI16},  std::pair{"Int", DType::kI32},
                              std::pair{"Long", DType::kI64},   std::pair{"Float", DType::kF32},
                              std::pair{"Double", DType::kF64}, std::pair{"Half", DType::kF16}};
  const auto take = [&](std::string_view word, bool from_end = false) {
    if (from_end ? !name.ends_with(word) : !name.starts_with(word)) return false;
    from_end ? name.remove_suffix(word.size()) : name.remove_prefix(word.size());
    return true;
  };
  if (!take("torch.")) return std::nullopt;
  const bool cuda = take("Cuda"), storage = take("Storage", true);
  if (!storage && !take("Tensor", true)) return std::nullopt;
  if (name.empty()) return cuda ? std::optional(TensorClass{DType::kF32, storage}) : std::nullopt;
  for (const auto& [word, dtype] : kTypes)
    if (name == word) return TensorClass{dtype, storage};
  return std::nullopt;
}

/// Lua's only numbers are doubles; whole ones become integers.
PickleNode number_node(double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (std::abs(value) <= kExact && std::floor(value) == value) return {static_cast<std::int64_t>(value)};
  return {value};
}

using Items = std::vector<std::pair<const PickleNode*, const PickleNode*>>;

const std::int64_t* index_key(const Items::value_type& item) { return item.first->as<std::int64_t>(); }

/// Whole numbers first, in order; then the others as in the file.
void sort_items(Items& items) {
  std::stable_sort(items.begin(), items.end(), [](const auto& a, const auto& b) {
    const auto *left = index_key(a), *right = index_key(b);
    return left != nullptr && (right == nullptr || *left < *right);
  });
}

/// Whether the sorted keys are 1, 2, ... and nothing else.
bool is_list(const Items& items) {
  for (std::size_t i = 0; i < items.size(); ++i)
    if (const auto* key = index_key(items[i]); key == nullptr || *key != static_cast<std::int64_t>(i) + 1) return false;
  return true;
}

class Reader {
 public:
  explicit Reader(Torch7Input& input) : input_(input), file_(input.file()) {}

  Torch7Objects read() {
    objects_.root = object(0);
    return std::move(objects_);
  }

 private:
  const PickleNode* object(int depth) {
    if (depth > kDeepest) throw Error(file_ + " nests its tables more than 200 deep; save only the model's parameters");
    switch (const auto type = input_.integer()) {
      case kNil: return node({});
      case kNumber: return node(number_node(input_.number()));
      case kString: return node({counted_text()});
      case kBoolean: return node({input_.integer() == 1});
      case kTable: return table_or_known(depth);
      case kTorch: return torch_or_known(depth);
      case kFunction: return function(node({}), depth);
      case kOldRecursiveFunction:
      case kRecursiveFunction: {
        const auto [found, fresh] = referenced();
        return fresh ? function(found, depth) : found;
      }
      default: damaged(file_, "it holds an object of the unknown type " + std::to_string(type));
    }
  }

  PickleNode* node(PickleNode value) {
    if (objects_.nodes.size() >= kMostObjects)
      throw Error(file_ + " holds more than 2 million objects; save only the model's parameters");
    return &objects_.nodes.emplace_back(std::move(value));
  }

  std::int32_t count() {
    const auto value = input_.integer();
    if (value < 0) damaged(file_, "a length is negative");
    return value;
  }

  std::string_view counted_text() { return input_.text(static_cast<std::uint64_t>(count())); }

  /// Tables, objects and functions are numbered when first written, and later only named by the number.
  std::pair<PickleNode*, bool> referenced() {
    const auto [found, fresh] = known_.try_emplace(input_.integer(), nullptr);
    if (fresh) found->second = node({});
    return {found->second, fresh};
  }

  const PickleNode* table_or_known(int depth) {
    const auto [found, fresh] = referenced();
    if (fresh) fill_table(*found, depth);
    return found;
  }

  void fill_table(PickleNode& table, int depth) {
    Items items;
    for (auto left = count(); left > 0; --left) {
      const auto* key = object(depth + 1);
      const auto* value = object(depth + 1);
      const bool nameable = key->as<std::int64_t>() != nullptr || key->as<std::string_view>() != nullptr;
      if (nameable) items.emplace_back(key, value);
    }
    sort_items(items);
    if (is_list(items))
      for (std::size_t i = 0; i < items.size(); ++i) items[i].first = node({static_cast<std::int64_t>(i)});
    table.value = PickleDict{std::move(items)};
  }

  const PickleNode* function(const PickleNode* none, int depth) {
    counted_text();  // its bytecode
    object(depth + 1);
    return none;
  }

  const PickleNode* torch_or_known(int depth) {
    const auto [found, fresh] = referenced();
    if (!fresh) return found;
    const auto name = class_name();
    if (const auto tensor = tensor_class(name)) {
      tensor->storage ? fill_storage(*found, input_.stored_as(tensor->dtype))
                      : fill_tensor(*found, input_.stored_as(tensor->dtype), depth);
    } else {
      if (name.starts_with("torch.") || name.starts_with("tds."))
        throw Error(file_ + " holds a " + one_line(name) +
                    ", which writes bytes of its own; save only the model's parameters");
      objects_.classes.emplace(found, one_line(name));
      fill_fields(*found, depth);
    }
    return found;
  }

  std::string_view class_name() {
    const auto text = [&] {
      const auto length = count();
      if (length > kLongestClassName) damaged(file_, "a class has a name of more than 200 characters");
      return input_.text(static_cast<std::uint64_t>(length));
    };
    const auto first = text();  // "V 1"; files from before there were versions start with the name
    return first.starts_with("V ") ? text() : first;
  }

  /// An object is followed by the table of its fields, which nothing else refers to.
  void fill_fields(PickleNode& object, int depth) {
    const auto type = input_.integer();
    object.value = PickleDict{};
    if (type == kNil) return;
    if (type != kTable || !known_.try_emplace(input_.integer(), &object).second)
      damaged(file_, "an object of class " + objects_.classes.at(&object) + " has no table of fields");
    fill_table(object, depth);
  }

  void fill_storage(PickleNode& storage, DType dtype) {
    const auto size = input_.long_integer();
    if (size < 0) damaged(file_, "a storage has a negative size");
    const auto elements = static_cast<std::uint64_t>(size);
    objects_.storages.push_back(input_.elements(dtype, elements));
    objects_.keys.push_back(std::to_string(objects_.keys.size()));
    storage.value = PickleStorage{dtype, objects_.keys.back(), elements};
  }

  void fill_tensor(PickleNode& target, DType dtype, int depth) {
    const auto dimensions = input_.integer();
    if (dimensions < 0 || dimensions > kMostDimensions) damaged(file_, "a tensor has a malformed shape");
    const auto sizes = longs(dimensions), strides = longs(dimensions);
    const auto offset = input_.long_integer();
    const auto* content = object(depth + 1);
    const auto* storage = content->as<PickleStorage>();
    const bool empty = dimensions == 0 || std::count(sizes.begin(), sizes.end(), 0) > 0;
    if (storage == nullptr || empty) return;  // stays None, which no tensor is made of
    if (storage->dtype != dtype || offset < 1) damaged(file_, "a tensor does not fit its storage");
    target.value = PickleTensor{*storage, offset - 1, sizes, strides};
  }

  std::vector<std::int64_t> longs(int count) {
    const auto bytes = input_.elements(DType::kI64, static_cast<std::uint64_t>(count));
    std::vector<std::int64_t> values(static_cast<std::size_t>(count));
    if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }

  Torch7Input& input_;
  const std::string& file_;
  Torch7Objects objects_;
  std::unordered_map<std::int32_t, PickleNode*> known_;
};

}  // namespace

Torch7Objects read_torch7(Torch7Input& input) { return Reader(input).read(); }

}  // namespace atelier
