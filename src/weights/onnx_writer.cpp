#include "weights/onnx_writer.h"

#include <algorithm>
#include <bit>

#include "atelier/error.h"
#include "atelier/version.h"

namespace atelier {
namespace {

/// A message in Protocol Buffers' wire format (https://protobuf.dev/programming-guides/encoding).
class Message {
 public:
  Message& number(int field, std::int64_t value) {
    key(field, kVarint);
    varint(static_cast<std::uint64_t>(value));
    return *this;
  }
  Message& real(int field, float value) {
    key(field, kFixed32);
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (int shift = 0; shift < 32; shift += 8) bytes_ += static_cast<char>(bits >> shift & 0xff);
    return *this;
  }
  Message& text(int field, std::string_view value) {
    key(field, kLengthDelimited);
    varint(value.size());
    bytes_ += value;
    return *this;
  }
  Message& message(int field, const Message& value) { return text(field, value.bytes_); }
  const std::string& bytes() const { return bytes_; }

 private:
  enum WireType { kVarint = 0, kLengthDelimited = 2, kFixed32 = 5 };

  void key(int field, WireType type) { varint(static_cast<std::uint64_t>(field << 3 | type)); }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
    bytes_ += static_cast<char>(value);
  }

  std::string bytes_;
};

constexpr int kIrVersion = 7, kOpset = 13;

/// Field numbers of onnx.proto.
namespace model_field {
enum { kIr = 1, kProducer = 2, kProducerVersion = 3, kGraph = 7, kOpsetImport = 8, kMetadata = 14 };
}
namespace graph_field {
enum { kNode = 1, kName = 2, kInitializer = 5, kInput = 11, kOutput = 12 };
}
namespace node_field {
enum { kInput = 1, kOutput = 2, kName = 3, kOpType = 4, kAttribute = 5 };
}
namespace attribute_field {
enum { kName = 1, kFloat = 2, kInt = 3, kString = 4, kInts = 8, kType = 20 };
}
namespace attribute_type {
enum { kFloat = 1, kInt = 2, kString = 3, kInts = 7 };
}
namespace tensor_field {
enum { kDims = 1, kDataType = 2, kName = 8, kRawData = 9 };
}
namespace data_type {
enum { kFloat = 1, kInt32 = 6, kInt64 = 7, kFloat16 = 10, kDouble = 11 };
}

std::int64_t data_type_of(DType dtype) {
  switch (dtype) {
    case DType::kF32: return data_type::kFloat;
    case DType::kF16: return data_type::kFloat16;
    case DType::kF64: return data_type::kDouble;
    case DType::kI64: return data_type::kInt64;
    case DType::kI32: return data_type::kInt32;
    default: throw Error("ONNX constants of type " + std::string(name_of(dtype)) + " are not supported; use F32");
  }
}

Message to_message(const OnnxAttribute& attribute) {
  Message message;
  message.text(attribute_field::kName, attribute.name);
  const auto& value = attribute.value;
  if (const auto* integer = std::get_if<std::int64_t>(&value))
    return message.number(attribute_field::kInt, *integer).number(attribute_field::kType, attribute_type::kInt);
  if (const auto* real = std::get_if<float>(&value))
    return message.real(attribute_field::kFloat, *real).number(attribute_field::kType, attribute_type::kFloat);
  if (const auto* text = std::get_if<std::string>(&value))
    return message.text(attribute_field::kString, *text).number(attribute_field::kType, attribute_type::kString);
  for (const auto integer : std::get<std::vector<std::int64_t>>(value)) message.number(attribute_field::kInts, integer);
  return message.number(attribute_field::kType, attribute_type::kInts);
}

Message to_message(const OnnxNode& node) {
  Message message;
  for (const auto& input : node.inputs) message.text(node_field::kInput, input);
  for (const auto& output : node.outputs) message.text(node_field::kOutput, output);
  message.text(node_field::kName, node.name).text(node_field::kOpType, node.op);
  for (const auto& attribute : node.attributes) message.message(node_field::kAttribute, to_message(attribute));
  return message;
}

Message to_message(const std::string& name, const WeightTensor& tensor) {
  Message message;
  for (const auto size : tensor.shape) message.number(tensor_field::kDims, size);
  message.number(tensor_field::kDataType, data_type_of(tensor.dtype)).text(tensor_field::kName, name);
  return message.text(tensor_field::kRawData,
                      {reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size()});
}

/// ValueInfoProto: name = 1, type = 2; TypeProto: tensor_type = 1; its elem_type = 1, shape = 2; TensorShapeProto:
/// dim = 1; Dimension: dim_value = 1, dim_param = 2.
Message to_message(const OnnxValue& value) {
  Message shape;
  for (const auto& size : value.shape) {
    const bool fixed =
        !size.empty() && std::all_of(size.begin(), size.end(), [](char c) { return c >= '0' && c <= '9'; });
    Message dimension;
    fixed ? dimension.number(1, std::stoll(size)) : dimension.text(2, size);
    shape.message(1, dimension);
  }
  Message tensor, type, info;
  type.message(1, tensor.number(1, data_type::kFloat).message(2, shape));
  return info.text(1, value.name).message(2, type);
}

Message graph_of(const OnnxModel& model) {
  Message graph;
  for (const auto& node : model.nodes) graph.message(graph_field::kNode, to_message(node));
  graph.text(graph_field::kName, model.name);
  for (const auto& [name, tensor] : model.constants.tensors)
    graph.message(graph_field::kInitializer, to_message(name, tensor));
  for (const auto& input : model.inputs) graph.message(graph_field::kInput, to_message(input));
  for (const auto& output : model.outputs) graph.message(graph_field::kOutput, to_message(output));
  return graph;
}

}  // namespace

std::string onnx_bytes(const OnnxModel& model) {
  Message message;
  message.number(model_field::kIr, kIrVersion)
      .text(model_field::kProducer, "atelier")
      .text(model_field::kProducerVersion, version())
      .message(model_field::kGraph, graph_of(model))
      .message(model_field::kOpsetImport, Message().text(1, "").number(2, kOpset));
  for (const auto& [key, value] : model.metadata)
    message.message(model_field::kMetadata, Message().text(1, key).text(2, value));
  return message.bytes();
}

}  // namespace atelier
