#include "weights/pytorch_tensors.h"

#include <algorithm>
#include <cstring>
#include <deque>

#include "core/printable.h"
#include "weights/byte_reader.h"

namespace atelier {
namespace {

constexpr int kDeepest = 64;
constexpr std::size_t kMostVisits = 2'000'000;  // containers may share members: the tree can be larger than the file
constexpr std::size_t kMostTensors = 100'000;
constexpr std::size_t kLongestName = 500;
constexpr std::size_t kMostDimensions = 16;

/// Position just behind the last element that a view touches.
std::int64_t end_of(const PickleTensor& tensor, const std::string& file, const std::string& name) {
  std::int64_t last = tensor.offset;
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
    std::int64_t reach = 0;
    if (tensor.strides[i] < 0 || __builtin_mul_overflow(tensor.shape[i] - 1, tensor.strides[i], &reach) ||
        __builtin_add_overflow(last, reach, &last))
      damaged(file, name + " lies outside its storage");
  }
  if (last == INT64_MAX) damaged(file, name + " lies outside its storage");
  return last + 1;
}

bool is_contiguous(const PickleTensor& tensor) {
  std::int64_t expected = 1;
  for (std::size_t i = tensor.shape.size(); i-- > 0;) {
    if (tensor.shape[i] != 1 && tensor.strides[i] != expected) return false;
    expected *= tensor.shape[i];
  }
  return true;
}

/// Walks all indices in row-major order and copies element by element.
void copy_strided(const PickleTensor& tensor, std::span<const std::byte> storage, std::span<std::byte> out) {
  const std::size_t size = size_of(tensor.storage.dtype);
  std::vector<std::int64_t> index(tensor.shape.size(), 0);
  std::int64_t at = tensor.offset;
  for (std::size_t written = 0; written < out.size(); written += size) {
    std::memcpy(&out[written], &storage[static_cast<std::size_t>(at) * size], size);
    for (std::size_t i = index.size(); i-- > 0;) {
      at += tensor.strides[i];
      if (++index[i] < tensor.shape[i]) break;
      at -= tensor.strides[i] * tensor.shape[i];
      index[i] = 0;
    }
  }
}

class Collector {
 public:
  Collector(const StorageBytes& storage_bytes, std::uint64_t copy_limit, const std::string& file)
      : storage_bytes_(storage_bytes), copy_limit_(copy_limit), file_(file) {}

  WeightSet collect(const PickleNode& root) {
    visit(root, "", 0);
    weights_.storage = copies_;
    return std::move(weights_);
  }

 private:
  void visit(const PickleNode& node, const std::string& name, int depth) {
    if (depth > kDeepest || ++visits_ > kMostVisits || weights_.tensors.size() > kMostTensors)
      throw Error(file_ + " nests its containers too deeply or holds too many; save only the model's state_dict()");
    if (const auto* tensor = node.as<PickleTensor>()) {
      add(*tensor, name.empty() ? "tensor" : name);
    } else if (const auto* dict = node.as<PickleDict>()) {
      for (const auto& [key, value] : dict->items) visit(*value, join(name, text_of(*key)), depth + 1);
    } else if (const auto* list = node.as<PickleList>()) {
      visit_all(list->items, name, depth);
    } else if (const auto* tuple = node.as<PickleTuple>()) {
      visit_all(tuple->items, name, depth);
    }
  }

  void visit_all(const std::vector<const PickleNode*>& items, const std::string& name, int depth) {
    for (std::size_t i = 0; i < items.size(); ++i) visit(*items[i], join(name, std::to_string(i)), depth + 1);
  }

  std::string text_of(const PickleNode& key) const {
    if (const auto* number = key.as<std::int64_t>()) return std::to_string(*number);
    const auto* text = key.as<std::string_view>();
    if (text == nullptr) damaged(file_, "a dict has a key that is not a name");
    if (!std::all_of(text->begin(), text->end(), [](char c) { return c >= ' ' && c <= '~'; }))
      throw Error(file_ + " has the name " + printable(*text) + "; rename it to plain ASCII and save it again");
    return std::string(*text);
  }

  std::string join(const std::string& parent, const std::string& name) const {
    if (parent.size() + name.size() > kLongestName) damaged(file_, "it has a name of more than 500 characters");
    return parent.empty() ? name : parent + "." + name;
  }

  void add(const PickleTensor& tensor, const std::string& name) {
    const std::string shown = "tensor " + printable(name);
    if (weights_.tensors.contains(name)) damaged(file_, "it holds the " + shown + " twice");
    const auto elements = checked_elements(tensor, shown);
    const auto size = size_of(tensor.storage.dtype);
    WeightTensor& added = weights_.tensors[name];
    added = {tensor.storage.dtype, tensor.shape, {}};
    if (elements == 0) return;
    const auto storage = storage_bytes_(tensor.storage);
    if (is_contiguous(tensor)) {
      added.bytes = storage.subspan(static_cast<std::size_t>(tensor.offset) * size, elements * size);
    } else {
      added.bytes = make_contiguous(tensor, storage, elements * size);
    }
  }

  /// Everything that makes the later arithmetic and memory accesses safe.
  std::uint64_t checked_elements(const PickleTensor& tensor, const std::string& shown) const {
    const auto capacity = static_cast<std::int64_t>(tensor.storage.elements);
    if (tensor.shape.size() != tensor.strides.size() || tensor.shape.size() > kMostDimensions || tensor.offset < 0)
      damaged(file_, shown + " has a malformed shape");
    std::int64_t count = 1;
    for (const auto size : tensor.shape)
      if (size < 0 || __builtin_mul_overflow(count, size, &count)) damaged(file_, shown + " has a malformed shape");
    if (count == 0) return 0;
    if (end_of(tensor, file_, shown) > capacity) damaged(file_, shown + " lies outside its storage");
    require(count <= capacity, file_ + ": " + shown + " repeats its elements; save it after .contiguous()");
    return static_cast<std::uint64_t>(count);
  }

  std::span<const std::byte> make_contiguous(const PickleTensor& tensor, std::span<const std::byte> storage,
                                             std::uint64_t bytes) {
    copied_ += bytes;
    require(copied_ <= copy_limit_, file_ + " holds too many views of the same data; save them after .contiguous()");
    auto& copy = copies_->emplace_back(bytes);
    copy_strided(tensor, storage, copy);
    return copy;
  }

  const StorageBytes& storage_bytes_;
  const std::uint64_t copy_limit_;
  const std::string& file_;
  WeightSet weights_;
  std::shared_ptr<std::deque<std::vector<std::byte>>> copies_ = std::make_shared<std::deque<std::vector<std::byte>>>();
  std::uint64_t copied_ = 0;
  std::size_t visits_ = 0;
};

}  // namespace

WeightSet collect_tensors(const PickleNode& root, const StorageBytes& storage_bytes, std::uint64_t copy_limit,
                          const std::string& file) {
  return Collector(storage_bytes, copy_limit, file).collect(root);
}

}  // namespace atelier
