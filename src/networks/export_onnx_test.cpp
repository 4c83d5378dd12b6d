#include "networks/export_onnx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <set>

#include "networks/network.h"
#include "support/onnx_runtime.h"
#include "support/protobuf_reader.h"
#include "support/weight_files.h"

namespace atelier {
namespace {

using test::ProtobufReader;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// A network, and inputs of one size.
struct Sample {
  std::string name;
  Network network;
  std::map<std::string, Tensor> inputs;
};

/// Norms start as the identity; here they must do something. Variances stay positive.
Network stirred(Network network) {
  for (auto& [name, tensor] : network.parameters) tensor = tensor + torch::rand_like(tensor) * 0.5;
  return network;
}

Tensor picture(std::int64_t channels = 3, std::int64_t height = 13, std::int64_t width = 18) {
  return torch::rand({2, channels, height, width});
}

/// A network of one operation on the input "x".
template <typename Build>
Sample sample(const std::string& name, const Tensor& x, Build build) {
  NetworkBuilder builder(7);
  build(builder, builder.input("x"));
  return {name, stirred(builder.build()), {{"x", x}}};
}

void add_convolutions(std::vector<Sample>& samples) {
  const std::pair<const char*, Edge> edges[] = {
      {"zero", Edge::kZero}, {"reflection", Edge::kReflection}, {"replicate", Edge::kReplicate}, {"same", Edge::kSame}};
  for (const auto& [name, edge] : edges)
    for (const int stride : {1, 2, 3})
      for (const int kernel : {1, 3, 5})
        samples.push_back(sample(std::string(name) + std::to_string(stride) + std::to_string(kernel), picture(4),
                                 [&, e = edge](auto& build, const auto& x) {
                                   build.conv("y", x, 4, 6, kernel, {.stride = stride, .edge = e, .groups = 2});
                                 }));
  for (const auto& [kernel, stride] :
       {std::pair(3, 2), std::pair(4, 2), std::pair(5, 2), std::pair(3, 3), std::pair(9, 1)})
    samples.push_back(sample(
        "transposed" + std::to_string(kernel) + std::to_string(stride), picture(),
        [k = kernel, s = stride](auto& build, const auto& x) { build.transposed_conv("y", x, 3, 5, k, s, s == 2); }));
}

void add_norms(std::vector<Sample>& samples) {
  samples.push_back(
      sample("instance", picture(), [](auto& build, const auto& x) { build.instance_norm("y", x, 3, 1e-3); }));
  samples.push_back(sample("batch", picture(), [](auto& build, const auto& x) { build.batch_norm("y", x, 3, 1e-3); }));
  samples.push_back(sample("layer", picture(), [](auto& build, const auto& x) { build.layer_norm("y", x, 3, 1e-3); }));
  for (const std::int64_t rows : {1, 2}) {
    samples.push_back(sample("conditional" + std::to_string(rows), picture(), [](auto& build, const auto& x) {
      build.conditional_norm("y", x, build.input("shares"), 4, 3, 1e-5);
    }));
    samples.back().inputs["shares"] = torch::softmax(torch::randn({rows, 4}), 1);
    samples.push_back(sample("co_match" + std::to_string(rows), picture(),
                             [](auto& build, const auto& x) { build.co_match("y", x, build.input("gram"), 3); }));
    samples.back().inputs["gram"] = torch::rand({rows, 3, 3});
  }
}

void add_simple_ones(std::vector<Sample>& samples) {
  const auto x = picture() * 4 - 2;
  const std::pair<const char*, Op> unary[] = {
      {"relu", Op::kRelu}, {"leaky", Op::kLeakyRelu}, {"tanh", Op::kTanh}, {"sigmoid", Op::kSigmoid}};
  for (const auto& [name, op] : unary)
    samples.push_back(sample(name, x, [o = op](auto& build, const auto& from) { build.apply("y", o, {from}, 0.2); }));
  samples.push_back(sample("scale", x, [](auto& build, const auto& from) { build.scale("y", from, 2.5, -0.25); }));
  samples.push_back(sample("add", x, [](auto& build, const auto& from) {
    build.apply("y", Op::kAdd, {from, build.scale("half", from, 0.5, 0)});
  }));
  samples.push_back(sample("concat", x, [](auto& build, const auto& from) {
    build.apply("y", Op::kConcat, {from, build.scale("half", from, 0.5, 0), from});
  }));
  for (const int radius : {1, 3})
    samples.push_back(sample("guided" + std::to_string(radius), picture(), [radius](auto& build, const auto& from) {
      build.guided_filter("y", build.apply("tanh", Op::kTanh, {build.scale("wide", from, 4, -2)}), from, radius, 5e-3);
    }));
  samples.push_back(
      sample("dropout", x, [](auto& build, const auto& from) { build.apply("y", Op::kDropout, {from}, 0.5); }));
}

void add_resizes(std::vector<Sample>& samples) {
  const std::pair<const char*, Op> ops[] = {{"nearest", Op::kUpsample},
                                            {"bilinear", Op::kUpsampleBilinear},
                                            {"corner", Op::kUpsampleBilinearCorner},
                                            {"max", Op::kMaxPool},
                                            {"average", Op::kAveragePool}};
  for (const auto& [name, op] : ops)
    for (const int factor : {2, 3})
      samples.push_back(sample(name + std::to_string(factor), picture(),
                               [o = op, factor](auto& build, const auto& x) { build.resize("y", o, x, factor); }));
  for (const int factor : {2, 3})
    samples.push_back(sample("shuffle" + std::to_string(factor), picture(36), [factor](auto& build, const auto& x) {
      build.resize("y", Op::kPixelShuffle, x, factor);
    }));
  samples.push_back(sample("unpool", picture(), [](auto& build, const auto& x) {
    const auto pooled = build.resize("pooled", Op::kMaxPool, x, 2);
    build.unpool("y", build.scale("changed", pooled, 2, 1), x, 2);
  }));
}

/// Everything together, as a network that paints; run at two sizes from one file.
std::vector<Sample> whole_networks() {
  std::vector<Sample> samples;
  for (const std::int64_t side : {24, 40}) {
    NetworkBuilder build(3);
    auto x = build.input("picture");
    const auto shares = build.input("shares");
    x = build.conv("down", x, 3, 8, 5, {.stride = 2});
    x = build.apply("relu1", Op::kRelu, {build.conditional_norm("norm1", x, shares, 3, 8)});
    const auto y = build.apply("relu2", Op::kRelu, {build.instance_norm("norm2", build.conv("inner", x, 8, 8, 3), 8)});
    x = build.apply("sum", Op::kAdd, {x, y});
    x = build.transposed_conv("up", x, 8, 8, 3, 2);
    build.apply("painted", Op::kTanh, {build.conv("last", x, 8, 3, 5)});
    samples.push_back(
        {"whole",
         stirred(build.build()),
         {{"picture", torch::rand({1, 3, side, side + 8})}, {"shares", torch::tensor({{0.2F, 0.F, 0.8F}})}}});
  }
  return samples;
}

std::vector<Sample> all_samples() {
  torch::manual_seed(11);
  auto samples = whole_networks();
  add_convolutions(samples);
  add_norms(samples);
  add_simple_ones(samples);
  add_resizes(samples);
  return samples;
}

TEST(ExportOnnx, OnnxRuntimePaintsTheSame) {
  const torch::NoGradGuard no_grad;
  const auto modules = find_onnx_runtime();
  if (modules.empty()) GTEST_SKIP() << "ONNX Runtime is not at hand: node is missing, or npm could not install it";
  const test::TemporaryFolder folder;
  const auto samples = all_samples();
  std::vector<OnnxCase> cases;
  for (const auto& [name, network, inputs] : samples) {
    const auto file = folder / (name + ".onnx");
    if (!std::filesystem::exists(file)) export_onnx(write_network(network, false), file);
    cases.push_back({file, inputs});
  }
  const auto results = run_onnx(cases, folder.path(), modules);
  ASSERT_EQ(results.size(), samples.size()) << test::read_text(folder / "log");
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto expected = run_network(samples[i].network, samples[i].inputs);
    const auto& made = results[i].at(samples[i].network.graph.nodes.back().name);
    ASSERT_EQ(made.sizes(), expected.sizes()) << samples[i].name;
    EXPECT_LT((made - expected).abs().max().item<float>(), 1e-4) << samples[i].name;
  }
}

/// The operations of an exported network, in their order.
std::vector<std::string> operations(const Network& network) {
  std::vector<std::string> names;
  auto graph = ProtobufReader(to_onnx(write_network(network, false), "n")).message(7);
  for (auto& node : graph.messages(1)) names.push_back(node.text(4));
  return names;
}

TEST(ExportOnnx, WritesEachOperationAsItIsMeant) {
  EXPECT_THAT(operations(whole_networks()[0].network),
              ElementsAre("Pad", "Conv", "InstanceNormalization", "MatMul", "Unsqueeze", "Mul", "MatMul", "Unsqueeze",
                          "Add", "Relu", "Pad", "Conv", "InstanceNormalization", "Relu", "Add", "ConvTranspose", "Pad",
                          "Conv", "Tanh"));
}

TEST(ExportOnnx, EveryValueIsMadeBeforeItIsUsed) {
  for (const auto& one : all_samples()) {
    auto graph = ProtobufReader(to_onnx(write_network(one.network, false), one.name)).message(7);
    std::set<std::string> known = {""};
    for (auto& constant : graph.messages(5)) EXPECT_TRUE(known.insert(constant.text(8)).second) << one.name;
    for (auto& input : graph.messages(11)) EXPECT_TRUE(known.insert(input.text(1)).second) << one.name;
    for (auto& node : graph.messages(1)) {
      for (const auto& input : node.texts(1)) EXPECT_TRUE(known.contains(input)) << one.name << " " << input;
      for (const auto& output : node.texts(2)) EXPECT_TRUE(known.insert(output).second) << one.name << " " << output;
    }
    for (auto& output : graph.messages(12)) EXPECT_TRUE(known.contains(output.text(1))) << one.name;
  }
}

TEST(ExportOnnx, LeavesSizesOpenAndNamesChannels) {
  auto graph = ProtobufReader(to_onnx(write_network(whole_networks()[0].network, true), "n")).message(7);
  std::map<std::string, std::vector<std::string>> shapes;
  for (auto& input : graph.messages(11))
    for (auto& dimension : input.message(2).message(1).message(2).messages(1))
      shapes[input.text(1)].push_back(dimension.numbers(1).empty() ? dimension.text(2)
                                                                   : std::to_string(dimension.number(1)));
  EXPECT_THAT(shapes["picture"], ElementsAre("pictures", "3", "height", "width"));
  EXPECT_THAT(shapes["shares"], ElementsAre("rows", "3"));
  EXPECT_EQ(graph.messages(12).size(), 1u);
  EXPECT_EQ(graph.message(12).text(1), "painted");
}

TEST(ExportOnnx, CarriesWhatTheModelSaysOfItself) {
  auto weights = write_network(whole_networks()[0].network, false);
  weights.metadata["styles"] = R"(["a", "b", "c"])";
  std::vector<std::string> keys;
  for (auto& entry : ProtobufReader(to_onnx(weights, "n")).messages(14)) keys.push_back(entry.text(1));
  EXPECT_THAT(keys, Contains("styles"));
  EXPECT_THAT(keys, Not(Contains("graph")));
}

TEST(ExportOnnx, RefusesWhatCannotBeExported) {
  const test::TemporaryFolder folder;
  const auto refusal = [&](const WeightSet& model, const char* file) {
    return test::message_of([&] { export_onnx(model, folder / file); });
  };
  EXPECT_THAT(refusal(write_network(whole_networks()[0].network, false), "x.bin"), HasSubstr("ends in .onnx"));
  EXPECT_THAT(refusal(WeightSet{}, "x.onnx"), HasSubstr("holds no network"));
  NetworkBuilder build(1);
  build.transposed_conv("y", build.input("x"), 3, 3, 1, 2);
  EXPECT_THAT(refusal(write_network(build.build(), false), "x.onnx"), HasSubstr("cannot be exported"));
  EXPECT_FALSE(std::filesystem::exists(folder / "x.onnx"));
}

}  // namespace
}  // namespace atelier
