#include "methods/model_iteration/generative/johnson/torch7_network.h"

#include <torch/torch.h>

#include <map>
#include <nlohmann/json.hpp>

#include "atelier/error.h"
#include "core/printable.h"
#include "tensor/weight_tensor.h"

namespace atelier::methods::johnson {
namespace {

using nlohmann::json;

struct Module {
  std::string type;  ///< class without "nn." or "cudnn."
  json fields;
};

/// The modules of the file by path, as parse_torch7() describes them.
std::map<std::string, Module> modules_of(const WeightSet& weights) {
  std::map<std::string, Module> modules;
  const auto description = weights.metadata.find("torch7");
  if (description == weights.metadata.end()) return modules;
  const auto list = json::parse(description->second, nullptr, false);
  if (!list.is_array()) return modules;
  for (const auto& entry : list) {
    const auto type = entry.value("class", "");
    modules[entry.value("path", "")] = {type.substr(type.find('.') + 1), entry.value("fields", json::object())};
  }
  return modules;
}

/// What the network sees and paints: channels in which order, around which mean, in which unit.
struct Preprocessing {
  bool reversed = false;
  std::vector<float> mean, deviation;  ///< of red, green, blue in [0, 1]
};

/// preprocess.lua: Caffe's VGG (BGR, 0 … 255 less the mean) or torchvision's.
Preprocessing preprocessing_named(const std::string& name) {
  if (name == "vgg") return {true, {123.68F / 255, 116.779F / 255, 103.939F / 255}, {1.F / 255, 1.F / 255, 1.F / 255}};
  if (name == "resnet") return {false, {0.485F, 0.456F, 0.406F}, {0.229F, 0.224F, 0.225F}};
  throw Error("the network wants the preprocessing " + printable(name) + ", which is unknown; only vgg and resnet are");
}

class Translator {
 public:
  Translator(const WeightSet& weights, std::map<std::string, Module> modules)
      : weights_(weights), modules_(std::move(modules)) {}

  Network translate() {
    const auto preprocessing = preprocessing_named(modules_["opt"].fields.value("preprocessing", "vgg"));
    network_.graph.nodes.push_back({.name = "picture", .op = Op::kInput, .inputs = {}});
    prepare(preprocessing);
    module("model");
    require(pending_.size == 0, "the network ends in padding; only networks of fast-neural-style are read");
    finish(preprocessing);
    return std::move(network_);
  }

 private:
  struct Padding {
    int size = 0;
    Edge edge = Edge::kZero;
  };

  [[noreturn]] static void refuse(const std::string& path, const Module& module, const std::string& why) {
    throw Error("the layer " + printable(path) + ", nn." + one_line(module.type) + ", " + why +
                "; only networks of fast-neural-style are read");
  }

  void module(const std::string& path) {
    const auto found = modules_.find(path);
    require(found != modules_.end(), "the network lacks its layer " + printable(path) + "; get the file again");
    const auto& [type, fields] = found->second;
    if (type == "Sequential") return sequence(path);
    if (type == "SpatialConvolution" || type == "SpatialConvolutionMM") return convolution(path, found->second);
    if (type == "SpatialFullConvolution") return full_convolution(path, found->second);
    if (type == "InstanceNormalization") return norm(path, found->second, Op::kInstanceNorm);
    if (type == "SpatialBatchNormalization") return norm(path, found->second, Op::kBatchNorm);
    if (type == "ReLU") return apply(Op::kRelu);
    if (type == "Tanh") return apply(Op::kTanh);
    if (type == "MulConstant") return multiply(fields.value("constant_scalar", 1.0));
    if (type == "SpatialUpSamplingNearest") return upsample(fields.value("scale_factor", 2));
    if (type == "SpatialReflectionPadding") return pad(path, found->second, Edge::kReflection);
    if (type == "SpatialReplicationPadding") return pad(path, found->second, Edge::kReplicate);
    if (type == "ShaveImage") return shave(fields.value("size", 2));
    if (type == "Identity" || type == "TotalVariation") return;
    refuse(path, found->second, "is not understood");
  }

  std::vector<std::string> children(const std::string& path) const {
    std::vector<std::string> list;
    for (int i = 0;; ++i) {
      auto child = path + ".modules." + std::to_string(i);
      if (!modules_.contains(child)) return list;
      list.push_back(std::move(child));
    }
  }

  /// A residual block is a table of two branches, and their sum.
  void sequence(const std::string& path) {
    const auto list = children(path);
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (modules_.at(list[i]).type != "ConcatTable") {
        module(list[i]);
        continue;
      }
      const bool summed = i + 1 < list.size() && modules_.at(list[i + 1]).type == "CAddTable";
      if (!summed) refuse(list[i], modules_.at(list[i]), "is not summed");
      residual(list[i]);
      ++i;
    }
  }

  void residual(const std::string& path) {
    const auto branches = children(path);
    if (branches.size() != 2) refuse(path, modules_.at(path), "has not two branches");
    settle_padding();
    const auto start = last();
    const auto channels = channels_;
    std::vector<std::string> ends;
    for (const auto& branch : branches) {
      last_ = start;
      channels_ = channels;
      module(branch);
      settle_padding();
      ends.push_back(last());
    }
    add({.name = "", .op = Op::kAdd, .inputs = ends}, {});
  }

  static int number(const std::string& path, const Module& module, const char* name, int usual) {
    const auto value = module.fields.contains(name) ? module.fields.at(name) : json(usual);
    if (!value.is_number_integer() || value.get<std::int64_t>() < 0 || value.get<std::int64_t>() > 1000)
      refuse(path, module, std::string("has an absurd ") + name);
    return value.get<int>();
  }

  static int square(const std::string& path, const Module& module, const char* across, const char* down, int usual) {
    const int value = number(path, module, across, usual);
    if (number(path, module, down, usual) != value) refuse(path, module, "is not square");
    return value;
  }

  /// As the file has it, or flattened to two dimensions by old versions (SpatialConvolutionMM).
  Tensor kernel_of(const std::string& path, const Module& module, std::int64_t first, std::int64_t second, int side) {
    const auto kernel = to_float_tensor(weights_, path + ".weight");
    if (kernel.numel() != first * second * side * side) refuse(path, module, "has weights of another shape");
    return kernel.reshape({first, second, side, side});
  }

  Parameters with_bias(const std::string& path, const Tensor& kernel) const {
    Parameters parameters{{"weight", kernel}};
    if (weights_.tensors.contains(path + ".bias")) parameters["bias"] = to_float_tensor(weights_, path + ".bias");
    return parameters;
  }

  void convolution(const std::string& path, const Module& module) {
    Node node{.name = "", .op = Op::kConv, .inputs = {}};
    node.kernel = square(path, module, "kW", "kH", 0);
    node.stride = square(path, module, "dW", "dH", 1);
    node.padding = square(path, module, "padW", "padH", 0);
    if (node.padding > 0) settle_padding();
    if (pending_.size > 0) {
      node.padding = pending_.size;
      node.edge = pending_.edge;
      pending_ = {};
    }
    const auto out = to_float_tensor(weights_, path + ".weight").size(0);
    const auto kernel = kernel_of(path, module, out, channels_, node.kernel);
    add(node, with_bias(path, kernel));
    channels_ = out;
  }

  void full_convolution(const std::string& path, const Module& module) {
    const bool known = square(path, module, "kW", "kH", 0) == 3 && square(path, module, "dW", "dH", 1) == 2 &&
                       square(path, module, "padW", "padH", 0) == 1 && square(path, module, "adjW", "adjH", 0) == 1;
    if (!known) refuse(path, module, "is not 3×3 with stride 2");
    settle_padding();
    const auto weight = to_float_tensor(weights_, path + ".weight");
    const auto out = weight.numel() / (channels_ * 9);
    const auto kernel = kernel_of(path, module, channels_, out, 3);
    Node node{.name = "", .op = Op::kTransposedConv, .inputs = {}};
    node.kernel = 4;
    node.stride = 2;
    add(node, with_bias(path, torch::constant_pad_nd(kernel, {0, 1, 0, 1})));
    channels_ = out;
  }

  void norm(const std::string& path, const Module& module, Op op) {
    settle_padding();
    Node node{.name = "", .op = op, .inputs = {}};
    node.value = module.fields.value("eps", 1e-5);
    Parameters parameters;
    const auto take = [&](const char* ours, const char* theirs) {
      parameters[ours] = to_float_tensor(weights_, path + "." + theirs);
      if (parameters[ours].numel() != channels_) refuse(path, module, "has parameters of another size");
    };
    take("weight", "weight");
    take("bias", "bias");
    if (op == Op::kBatchNorm) {
      take("mean", "running_mean");
      take("variance", "running_var");
    }
    add(node, parameters);
  }

  void apply(Op op) {
    settle_padding();
    add({.name = "", .op = op, .inputs = {}}, {});
  }

  void multiply(double factor) {
    settle_padding();
    Node node{.name = "", .op = Op::kScale, .inputs = {}};
    node.value = factor;
    add(node, {});
  }

  void upsample(int factor) {
    require(factor >= 1 && factor <= 16, "the network enlarges absurdly; get the file again");
    settle_padding();
    Node node{.name = "", .op = Op::kUpsample, .inputs = {}};
    node.factor = factor;
    add(node, {});
  }

  /// Joins the next convolution, where that has none of its own.
  void pad(const std::string& path, const Module& module, Edge edge) {
    settle_padding();
    pending_ = {square(path, module, "pad_l", "pad_r", 0), edge};
    if (square(path, module, "pad_t", "pad_b", 0) != pending_.size) refuse(path, module, "is not square");
  }

  void settle_padding() {
    if (pending_.size == 0) return;
    Node node{.name = "", .op = Op::kConv, .inputs = {}};
    node.kernel = 1;
    node.padding = pending_.size;
    node.edge = pending_.edge;
    add(node, {{"weight", torch::eye(channels_).reshape({channels_, channels_, 1, 1})}});
    pending_ = {};
  }

  /// Cuts pixels off each side: a convolution without padding whose kernels only have a centre.
  void shave(int size) {
    require(size >= 1 && size <= 100, "the network crops absurdly; get the file again");
    settle_padding();
    Node node{.name = "", .op = Op::kConv, .inputs = {}};
    node.kernel = 2 * size + 1;
    node.groups = static_cast<int>(channels_);
    const auto kernel = torch::zeros({channels_, 1, node.kernel, node.kernel});
    kernel.select(2, size).select(2, size).fill_(1);
    add(node, {{"weight", kernel}});
  }

  /// (x − mean) / deviation, reversed or not, as a convolution of 1×1.
  void prepare(const Preprocessing& how) {
    const auto mean = torch::tensor(how.mean), deviation = torch::tensor(how.deviation);
    const auto matrix = ordered(torch::diag(1 / deviation), how);
    point_by_point("prepared", matrix, ordered(-mean / deviation, how));
  }

  /// The inverse.
  void finish(const Preprocessing& how) {
    require(channels_ == 3, "the network does not paint three channels; get the file again");
    const auto matrix = ordered(torch::diag(torch::tensor(how.deviation)), how).t();
    point_by_point("painted", matrix, torch::tensor(how.mean));
  }

  static Tensor ordered(const Tensor& rows, const Preprocessing& how) { return how.reversed ? rows.flip({0}) : rows; }

  void point_by_point(const std::string& name, const Tensor& matrix, const Tensor& offset) {
    Node node{.name = name, .op = Op::kConv, .inputs = {}};
    node.kernel = 1;
    add(node, {{"weight", matrix.reshape({3, 3, 1, 1}).contiguous()}, {"bias", offset.contiguous()}});
  }

  const std::string& last() const { return last_; }

  void add(Node node, const Parameters& parameters) {
    if (node.name.empty()) node.name = "layer" + std::to_string(network_.graph.nodes.size());
    if (node.inputs.empty()) node.inputs = {last()};
    for (const auto& [name, tensor] : parameters) network_.parameters[node.name + "." + name] = tensor;
    last_ = node.name;
    network_.graph.nodes.push_back(std::move(node));
  }

  const WeightSet& weights_;
  std::map<std::string, Module> modules_;
  Network network_;
  std::string last_ = "picture";
  std::int64_t channels_ = 3;
  Padding pending_;
};

}  // namespace

std::optional<Network> read_torch7_network(const WeightSet& weights) {
  auto modules = modules_of(weights);
  const auto model = modules.find("model");
  if (model == modules.end() || model->second.type != "Sequential" || !modules.contains("opt")) return std::nullopt;
  try {
    return Translator(weights, std::move(modules)).translate();
  } catch (const json::exception&) {
    throw Error("a layer of the network has a field of the wrong type; get the file again");
  }
}

}  // namespace atelier::methods::johnson
