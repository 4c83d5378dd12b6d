#include "weights/pickle_torch.h"

#include <array>

#include "core/printable.h"

namespace atelier {
namespace {

constexpr std::array<std::pair<std::string_view, DType>, 10> kStorageTypes{{{"DoubleStorage", DType::kF64},
                                                                            {"FloatStorage", DType::kF32},
                                                                            {"HalfStorage", DType::kF16},
                                                                            {"BFloat16Storage", DType::kBF16},
                                                                            {"LongStorage", DType::kI64},
                                                                            {"IntStorage", DType::kI32},
                                                                            {"ShortStorage", DType::kI16},
                                                                            {"CharStorage", DType::kI8},
                                                                            {"ByteStorage", DType::kU8},
                                                                            {"BoolStorage", DType::kBool}}};

std::vector<std::int64_t> integers(const PickleNode& node, const std::string& file) {
  const auto* tuple = node.as<PickleTuple>();
  if (tuple == nullptr) damaged(file, "a tensor's shape is not a tuple");
  std::vector<std::int64_t> values;
  for (const auto* item : tuple->items) {
    const auto* value = item->as<std::int64_t>();
    if (value == nullptr) damaged(file, "a tensor's shape holds something other than integers");
    values.push_back(*value);
  }
  return values;
}

/// Arguments: storage, offset, shape, strides; then whether it needs gradients, its hooks and, since 2.0,
/// metadata, none of which matter here.
PickleNode rebuild_tensor(const std::vector<const PickleNode*>& arguments, const std::string& file) {
  if (arguments.size() < 4 || arguments.size() > 7) damaged(file, "a tensor has the wrong number of parts");
  const auto* storage = arguments[0]->as<PickleStorage>();
  const auto* offset = arguments[1]->as<std::int64_t>();
  if (storage == nullptr || offset == nullptr) damaged(file, "a tensor has no storage");
  return {PickleTensor{*storage, *offset, integers(*arguments[2], file), integers(*arguments[3], file)}};
}

PickleNode rebuild_parameter(const std::vector<const PickleNode*>& arguments, const std::string& file) {
  const auto* tensor = arguments.empty() ? nullptr : arguments[0]->as<PickleTensor>();
  if (tensor == nullptr) damaged(file, "a parameter has no tensor");
  return {*tensor};
}

/// OrderedDict() or, as Python 2 wrote it, OrderedDict([[key, value], ...]).
PickleNode ordered_dict(const std::vector<const PickleNode*>& arguments, const std::string& file) {
  PickleDict dict;
  if (arguments.empty()) return {dict};
  const auto* pairs = arguments[0]->as<PickleList>();
  if (pairs == nullptr || arguments.size() > 1) damaged(file, "an OrderedDict is made of something unexpected");
  for (const auto* pair : pairs->items) {
    const auto* list = pair->as<PickleList>();
    const auto* tuple = pair->as<PickleTuple>();
    const auto* items = list != nullptr ? &list->items : tuple != nullptr ? &tuple->items : nullptr;
    if (items == nullptr || items->size() != 2) damaged(file, "an OrderedDict is not made of pairs");
    dict.items.emplace_back((*items)[0], (*items)[1]);
  }
  return {std::move(dict)};
}

}  // namespace

PickleNode torch_global(std::string_view module, std::string_view name, const std::string& file) {
  if (module == "collections" && name == "OrderedDict") return {PickleCallable::kOrderedDict};
  if (module == "torch._utils" && (name == "_rebuild_tensor_v2" || name == "_rebuild_tensor"))
    return {PickleCallable::kRebuildTensor};
  if (module == "torch._utils" && name == "_rebuild_parameter") return {PickleCallable::kRebuildParameter};
  if (module == "torch")
    for (const auto& [type, dtype] : kStorageTypes)
      if (name == type) return {PickleStorageType{dtype}};
  throw Error(file + " holds a " + printable(std::string(module) + "." + std::string(name)) +
              " object; only tensors are read, save them in Python with torch.save(model.state_dict(), ...)");
}

PickleNode torch_call(const PickleNode& callable, const PickleNode& arguments, const std::string& file) {
  const auto* function = callable.as<PickleCallable>();
  const auto* tuple = arguments.as<PickleTuple>();
  if (function == nullptr || tuple == nullptr) damaged(file, "it calls something that is not a function");
  switch (*function) {
    case PickleCallable::kOrderedDict: return ordered_dict(tuple->items, file);
    case PickleCallable::kRebuildParameter: return rebuild_parameter(tuple->items, file);
    case PickleCallable::kRebuildTensor: break;
  }
  return rebuild_tensor(tuple->items, file);
}

PickleStorage torch_storage(const PickleNode& persistent_id, const std::string& file) {
  const auto* tuple = persistent_id.as<PickleTuple>();
  if (tuple == nullptr || tuple->items.size() < 5 || tuple->items.size() > 6)
    damaged(file, "a storage is not described as PyTorch does it");
  const auto* kind = tuple->items[0]->as<std::string_view>();
  const auto* type = tuple->items[1]->as<PickleStorageType>();
  const auto* key = tuple->items[2]->as<std::string_view>();
  const auto* elements = tuple->items[4]->as<std::int64_t>();
  if (kind == nullptr || *kind != "storage" || type == nullptr || key == nullptr || elements == nullptr ||
      *elements < 0)
    damaged(file, "a storage is not described as PyTorch does it");
  require(tuple->items.size() == 5 || tuple->items[5]->as<std::monostate>() != nullptr,
          file + " holds a view of a storage, written by a PyTorch before 0.4; load and save it with a newer one");
  return {type->dtype, *key, static_cast<std::uint64_t>(*elements)};
}

}  // namespace atelier
