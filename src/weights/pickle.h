#pragma once
#include <cstdint>
#include <deque>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "weights/byte_reader.h"
#include "weights/weight_set.h"

namespace atelier {

struct PickleNode;

struct PickleList {
  std::vector<const PickleNode*> items;
};
struct PickleTuple {
  std::vector<const PickleNode*> items;
};
struct PickleDict {
  std::vector<std::pair<const PickleNode*, const PickleNode*>> items;
};  ///< in file order
struct PickleBigInteger {
  std::string_view bytes;
};  ///< wider than 64 bits: little endian, two's complement

/// The classes and functions that may appear; every other one is refused.
enum class PickleCallable { kOrderedDict, kRebuildTensor, kRebuildParameter };
struct PickleStorageType {
  DType dtype;
};

/// torch.FloatStorage and the like: a run of elements kept elsewhere in the file under `key`.
struct PickleStorage {
  DType dtype;
  std::string_view key;
  std::uint64_t elements;
};

/// A strided view of a storage; offset and strides count elements.
struct PickleTensor {
  PickleStorage storage;
  std::int64_t offset;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;
};

/// One Python object; monostate is None. Containers may share members or even contain themselves.
struct PickleNode {
  std::variant<std::monostate, bool, std::int64_t, double, std::string_view, PickleBigInteger, PickleList, PickleTuple,
               PickleDict, PickleCallable, PickleStorageType, PickleStorage, PickleTensor>
      value;

  /// nullptr when the object is of another type.
  template <typename Type>
  const Type* as() const {
    return std::get_if<Type>(&value);
  }
};

/// What one pickle describes. Texts point into the bytes that were read.
struct Pickle {
  std::deque<PickleNode> nodes;
  std::vector<PickleStorage> storages;  ///< in order of appearance
  const PickleNode* root = nullptr;
};

/// Reads one pickle (protocols 2 to 5) and leaves the reader just behind it. Nothing is ever executed: the machine
/// knows numbers, texts, None, lists, tuples, dicts, collections.OrderedDict, and PyTorch's tensors and storages.
/// @throws Error naming the class or operation that it refuses, or the fault; also beyond 2 million objects.
Pickle read_pickle(ByteReader& reader);

}  // namespace atelier
