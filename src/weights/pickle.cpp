#include "weights/pickle.h"

#include <bit>
#include <cstdio>

#include "weights/pickle_torch.h"

namespace atelier {
namespace {

constexpr std::size_t kMostObjects = 2'000'000;  // a checkpoint of 10,000 tensors has about 200,000

/// The operations that torch.save uses, as named in Python's Lib/pickletools.py.
enum Operation : std::uint8_t {
  kMark = '(',
  kStop = '.',
  kPop = '0',
  kBinFloat = 'G',
  kBinInt = 'J',
  kBinInt1 = 'K',
  kBinInt2 = 'M',
  kNone = 'N',
  kBinPersId = 'Q',
  kReduce = 'R',
  kBinString = 'T',
  kShortBinString = 'U',
  kBinUnicode = 'X',
  kAppend = 'a',
  kBuild = 'b',
  kGlobal = 'c',
  kDict = 'd',
  kAppends = 'e',
  kBinGet = 'h',
  kLongBinGet = 'j',
  kList = 'l',
  kBinPut = 'q',
  kLongBinPut = 'r',
  kSetItem = 's',
  kTuple = 't',
  kSetItems = 'u',
  kEmptyDict = '}',
  kEmptyList = ']',
  kEmptyTuple = ')',
  kProto = 0x80,
  kTuple1 = 0x85,
  kTuple2 = 0x86,
  kTuple3 = 0x87,
  kNewTrue = 0x88,
  kNewFalse = 0x89,
  kLong1 = 0x8a,
  kShortBinUnicode = 0x8c,
  kStackGlobal = 0x93,
  kMemoize = 0x94,
  kFrame = 0x95,
};

class Machine {
 public:
  explicit Machine(ByteReader& reader) : reader_(reader), file_(reader.file()) {}

  Pickle run() {
    for (;;) {
      const auto operation = reader_.number<std::uint8_t>();
      if (operation == kStop) break;
      if (!push_plain(operation) && !push_container(operation) && !use_memo(operation) && !build_object(operation))
        refuse(operation);
      if (stack_.size() > kMostObjects || pickle_.nodes.size() > kMostObjects)
        throw Error(file_ + " holds more than 2 million objects; save only the model's state_dict()");
    }
    pickle_.root = pop();
    return std::move(pickle_);
  }

 private:
  /// Numbers, texts, None and the framing, which holds nothing.
  bool push_plain(std::uint8_t operation) {
    switch (operation) {
      case kProto: reader_.take(1); return true;
      case kFrame: reader_.take(8); return true;
      case kNone: push({}); return true;
      case kNewTrue: push({true}); return true;
      case kNewFalse: push({false}); return true;
      case kBinInt: push_integer(reader_.number<std::int32_t>()); return true;
      case kBinInt1: push_integer(reader_.number<std::uint8_t>()); return true;
      case kBinInt2: push_integer(reader_.number<std::uint16_t>()); return true;
      case kLong1: push_long(reader_.text(reader_.number<std::uint8_t>())); return true;
      case kBinFloat: push({std::bit_cast<double>(__builtin_bswap64(reader_.number<std::uint64_t>()))}); return true;
      case kShortBinString:
      case kShortBinUnicode: push({reader_.text(reader_.number<std::uint8_t>())}); return true;
      case kBinString:
      case kBinUnicode: push({reader_.text(reader_.number<std::uint32_t>())}); return true;
      default: return false;
    }
  }

  bool push_container(std::uint8_t operation) {
    switch (operation) {
      case kMark: stack_.push_back(nullptr); return true;
      case kPop: pop_any(); return true;
      case kEmptyList: push({PickleList{}}); return true;
      case kEmptyTuple: push({PickleTuple{}}); return true;
      case kEmptyDict: push({PickleDict{}}); return true;
      case kList: push({PickleList{pop_to_mark()}}); return true;
      case kTuple: push({PickleTuple{pop_to_mark()}}); return true;
      case kTuple1: push({PickleTuple{pop_several(1)}}); return true;
      case kTuple2: push({PickleTuple{pop_several(2)}}); return true;
      case kTuple3: push({PickleTuple{pop_several(3)}}); return true;
      case kDict: push_dict(pop_to_mark()); return true;
      case kAppend: append(pop_several(1)); return true;
      case kAppends: append(pop_to_mark()); return true;
      case kSetItem: set_items(pop_several(2)); return true;
      case kSetItems: set_items(pop_to_mark()); return true;
      default: return false;
    }
  }

  bool use_memo(std::uint8_t operation) {
    switch (operation) {
      case kBinPut: remember(reader_.number<std::uint8_t>()); return true;
      case kLongBinPut: remember(reader_.number<std::uint32_t>()); return true;
      case kMemoize: remember(memo_.size()); return true;
      case kBinGet: recall(reader_.number<std::uint8_t>()); return true;
      case kLongBinGet: recall(reader_.number<std::uint32_t>()); return true;
      default: return false;
    }
  }

  bool build_object(std::uint8_t operation) {
    switch (operation) {
      case kGlobal: push_global(); return true;
      case kStackGlobal: push_stack_global(); return true;
      case kReduce: reduce(); return true;
      case kBinPersId: push_storage(); return true;
      case kBuild: ignore_attributes(); return true;
      default: return false;
    }
  }

  void push(PickleNode node) { stack_.push_back(&pickle_.nodes.emplace_back(std::move(node))); }

  void push_integer(std::int64_t value) { push({value}); }

  void push_long(std::string_view bytes) {
    if (bytes.size() > sizeof(std::int64_t)) return push({PickleBigInteger{bytes}});
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) value |= std::uint64_t{static_cast<std::uint8_t>(bytes[i])} << 8 * i;
    const int unused = 64 - 8 * static_cast<int>(bytes.size());
    if (unused < 64) value = static_cast<std::uint64_t>(static_cast<std::int64_t>(value << unused) >> unused);
    push_integer(static_cast<std::int64_t>(value));
  }

  /// A mark lies on the stack as nullptr.
  PickleNode* pop_any() {
    if (stack_.empty()) damaged(file_, "its pickle takes more than it gives");
    auto* top = stack_.back();
    stack_.pop_back();
    return top;
  }

  PickleNode* pop() {
    auto* top = pop_any();
    if (top == nullptr) damaged(file_, "its pickle has a mark in the wrong place");
    return top;
  }

  PickleNode& top() {
    if (stack_.empty() || stack_.back() == nullptr) damaged(file_, "its pickle takes more than it gives");
    return *stack_.back();
  }

  std::vector<const PickleNode*> pop_several(std::size_t count) {
    std::vector<const PickleNode*> items(count);
    for (auto item = items.rbegin(); item != items.rend(); ++item) *item = pop();
    return items;
  }

  std::vector<const PickleNode*> pop_to_mark() {
    std::size_t start = stack_.size();
    while (start > 0 && stack_[start - 1] != nullptr) --start;
    if (start == 0) damaged(file_, "its pickle lacks a mark");
    std::vector<const PickleNode*> items(stack_.begin() + static_cast<std::ptrdiff_t>(start), stack_.end());
    stack_.resize(start - 1);
    return items;
  }

  void append(const std::vector<const PickleNode*>& items) {
    auto* list = std::get_if<PickleList>(&top().value);
    if (list == nullptr) damaged(file_, "its pickle appends to something that is not a list");
    list->items.insert(list->items.end(), items.begin(), items.end());
  }

  void push_dict(const std::vector<const PickleNode*>& items) {
    push({PickleDict{}});
    set_items(items);
  }

  void set_items(const std::vector<const PickleNode*>& items) {
    auto* dict = std::get_if<PickleDict>(&top().value);
    if (dict == nullptr || items.size() % 2 != 0) damaged(file_, "its pickle fills something that is not a dict");
    for (std::size_t i = 0; i < items.size(); i += 2) dict->items.emplace_back(items[i], items[i + 1]);
  }

  void remember(std::size_t index) {
    if (index >= kMostObjects) damaged(file_, "its pickle remembers too many objects");
    if (index >= memo_.size()) memo_.resize(index + 1);
    memo_[index] = &top();
  }

  void recall(std::size_t index) {
    if (index >= memo_.size() || memo_[index] == nullptr) damaged(file_, "its pickle recalls what it never had");
    stack_.push_back(memo_[index]);
  }

  void push_global() {
    const auto module = reader_.line();
    push(torch_global(module, reader_.line(), file_));
  }

  void push_stack_global() {
    const auto* name = pop()->as<std::string_view>();
    const auto* module = pop()->as<std::string_view>();
    if (name == nullptr || module == nullptr) damaged(file_, "its pickle names a class by something not a text");
    push(torch_global(*module, *name, file_));
  }

  void reduce() {
    const auto* arguments = pop();
    const auto* callable = pop();
    push(torch_call(*callable, *arguments, file_));
  }

  void push_storage() {
    pickle_.storages.push_back(torch_storage(*pop(), file_));
    push({pickle_.storages.back()});
  }

  /// OrderedDicts of state_dict() carry version numbers in an attribute; nobody needs them.
  void ignore_attributes() {
    pop();
    if (top().as<PickleDict>() == nullptr) damaged(file_, "its pickle gives attributes to something not a dict");
  }

  [[noreturn]] void refuse(std::uint8_t operation) {
    char code[8];
    std::snprintf(code, sizeof code, "0x%02x", operation);
    throw Error(file_ + " uses the pickle operation " + code +
                ", which tensors do not need; save it in Python with torch.save(model.state_dict(), ...)");
  }

  ByteReader& reader_;
  const std::string& file_;
  Pickle pickle_;
  std::vector<PickleNode*> stack_;
  std::vector<PickleNode*> memo_;
};

}  // namespace

Pickle read_pickle(ByteReader& reader) { return Machine(reader).run(); }

}  // namespace atelier
