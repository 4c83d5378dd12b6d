#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "weights/weight_set.h"

namespace atelier {

/// A setting of an ONNX node.
struct OnnxAttribute {
  std::string name;
  std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>> value;
};

/// One operation of an ONNX graph; values are known by their names.
struct OnnxNode {
  std::string op;  ///< for instance "Conv"
  std::string name;
  std::vector<std::string> inputs;  ///< "" stands for an optional input that is left out
  std::vector<std::string> outputs;
  std::vector<OnnxAttribute> attributes = {};
};

/// An input or output of the graph, of float32. A dimension is a number or, where it may vary, a name.
struct OnnxValue {
  std::string name;
  std::vector<std::string> shape;
};

/// A network as https://onnx.ai defines it, opset 13 of the default domain.
struct OnnxModel {
  std::string name;
  std::vector<OnnxNode> nodes;  ///< in an order in which each comes after its inputs
  std::vector<OnnxValue> inputs, outputs;
  WeightSet constants;  ///< F32, F16, F64, I64 or I32
  std::map<std::string, std::string> metadata;
};

/// The bytes of a .onnx file: a ModelProto in Protocol Buffers' wire format. Field numbers are those of onnx.proto
/// (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, IR version 7).
/// @throws Error when a constant is of a type that is not listed above.
std::string onnx_bytes(const OnnxModel& model);

}  // namespace atelier
