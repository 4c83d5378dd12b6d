#include "networks/network.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"
#include "networks/pad_edges.h"
#include "tensor/guided_filter.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

Network small_network() {
  NetworkBuilder build(1);
  auto x = build.input("picture");
  const auto shares = build.input("shares");
  x = build.conv("first", x, 3, 4, 3, {.stride = 2});
  x = build.conditional_norm("norm", x, shares, 2, 4);
  x = build.apply("relu", Op::kRelu, {x});
  x = build.resize("up", Op::kUpsample, x);
  build.conv("last", x, 4, 3, 3);
  return build.build();
}

Tensor counted(at::IntArrayRef sizes) {
  std::int64_t n = 1;
  for (const auto size : sizes) n *= size;
  return torch::arange(n, torch::kFloat).reshape(sizes);
}

/// One node on `x`, with parameters by name after "n.".
Tensor run_node(Node node, const Tensor& x, const Parameters& parameters = {}) {
  Network network;
  network.graph.nodes.push_back({.name = "x", .op = Op::kInput, .inputs = {}});
  node.name = "n";
  node.inputs = {"x"};
  network.graph.nodes.push_back(node);
  for (const auto& [name, tensor] : parameters) network.parameters["n." + name] = tensor;
  return run_network(network, {{"x", x}});
}

TEST(Network, ConvolvesWithTensorFlowsSamePadding) {
  Node node{.name = "", .op = Op::kConv, .inputs = {}};
  node.kernel = 3;
  node.stride = 2;
  node.edge = Edge::kSame;
  // On 4 columns with stride 2, SAME adds nothing before and one after: windows 0-2 and 2-4.
  const auto y = run_node(node, counted({1, 1, 4, 4}), {{"weight", torch::ones({1, 1, 3, 3})}});
  EXPECT_TRUE(torch::equal(y, torch::tensor({45.f, 39.f, 66.f, 50.f}).reshape({1, 1, 2, 2}))) << y;
}

TEST(Network, EdgesAreReflectedOrRepeated) {
  Node node{.name = "", .op = Op::kConv, .inputs = {}};
  node.kernel = 3;
  node.padding = 1;
  const auto x = torch::tensor({1.f, 2.f, 4.f}).reshape({1, 1, 1, 3}).repeat({1, 1, 3, 1});
  const Parameters sum_of_row{
      {"weight", torch::tensor({0.f, 0.f, 0.f, 1.f, 1.f, 1.f, 0.f, 0.f, 0.f}).reshape({1, 1, 3, 3})}};
  const auto first_row = [&](Edge edge) {
    node.edge = edge;
    return run_node(node, x, sum_of_row)[0][0][0];
  };
  EXPECT_TRUE(torch::equal(first_row(Edge::kReflection), torch::tensor({5.f, 7.f, 8.f})));
  EXPECT_TRUE(torch::equal(first_row(Edge::kReplicate), torch::tensor({4.f, 7.f, 10.f})));
  EXPECT_TRUE(torch::equal(first_row(Edge::kZero), torch::tensor({3.f, 7.f, 6.f})));
}

TEST(Network, PaddingAgreesWithLibTorchsInBothDirections) {
  for (const bool reflect : {true, false})
    for (const auto layout : {torch::MemoryFormat::Contiguous, torch::MemoryFormat::ChannelsLast}) {
      const auto ours = torch::rand({2, 3, 5, 4}, torch::kDouble).contiguous(layout).requires_grad_(true);
      const auto theirs = ours.detach().clone().requires_grad_(true);
      const auto a = pad_edges(ours, 2, reflect);
      const auto b =
          reflect ? torch::reflection_pad2d(theirs, {2, 2, 2, 2}) : torch::replication_pad2d(theirs, {2, 2, 2, 2});
      EXPECT_TRUE(torch::equal(a, b));
      const auto weight = torch::rand_like(a);
      a.backward(weight);
      b.backward(weight);
      EXPECT_TRUE(torch::allclose(ours.grad(), theirs.grad()));
    }
  EXPECT_THROW(pad_edges(torch::rand({1, 1, 2, 9}), 2, true), Error);
}

TEST(Network, PaddingKeepsTheMemoryLayout) {
  torch::manual_seed(3);
  for (const auto type : {torch::kFloat, torch::kBFloat16})
    for (const bool reflect : {true, false}) {
      const auto x = torch::rand({2, 3, 4, 5}).to(type), y = x.contiguous(torch::MemoryFormat::ChannelsLast);
      const auto padded = pad_edges(y, 2, reflect);
      EXPECT_TRUE(padded.equal(pad_edges(x, 2, reflect)));
      EXPECT_TRUE(padded.is_contiguous(torch::MemoryFormat::ChannelsLast));
    }
}

/// Every kind of layer that a painting network may have.
Network manifold() {
  NetworkBuilder build(4);
  auto x = build.conv("in", build.input("picture"), 3, 8, 5);
  const auto half = build.conv("half", x, 8, 16, 3, {.stride = 2, .edge = Edge::kSame});
  x = build.apply("relu", Op::kRelu, {build.instance_norm("norm", half, 16)});
  x = build.conv("deep", x, 16, 16, 3, {.edge = Edge::kReplicate, .groups = 16});
  x = build.apply("sum", Op::kAdd, {build.layer_norm("layer", x, 16), half});
  x = build.conv("larger", build.resize("bilinear", Op::kUpsampleBilinear, x), 16, 8, 3);
  x = build.transposed_conv("transposed", x, 8, 4, 3, 2);
  x = build.apply("both", Op::kConcat, {x, build.resize("nearest", Op::kUpsample, build.input("other"))});
  build.conv("out", x, 7, 3, 3, {.edge = Edge::kZero});
  return build.build();
}

std::map<std::string, Tensor> manifold_inputs() {
  torch::manual_seed(5);
  return {{"picture", torch::rand({1, 3, 18, 26})}, {"other", torch::rand({1, 3, 18, 26})}};
}

TEST(Network, AppliedPixelByPixelItPaintsWhatItLearns) {
  const auto network = manifold();
  const auto learning = run_network(network, manifold_inputs());
  const auto plane_by_plane = run_network(network, manifold_inputs(), torch::kDouble);
  EXPECT_TRUE(torch::allclose(learning.to(torch::kDouble), plane_by_plane, 1e-3, 1e-4));
  const torch::NoGradGuard no_grad;
  EXPECT_TRUE(torch::allclose(run_network(network, manifold_inputs()), learning, 1e-3, 1e-4));
}

TEST(Network, LearnsPixelByPixelWhatItLearnsPlaneByPlane) {
  auto network = manifold();
  const auto gradients = [&](torch::ScalarType compute) {
    for (auto& [name, parameter] : network.parameters) parameter = parameter.detach().clone().requires_grad_();
    run_network(network, manifold_inputs(), compute, Learning{}).tanh().sum().backward();
    std::map<std::string, Tensor> all;
    for (const auto& [name, parameter] : network.parameters) all[name] = parameter.grad();
    return all;
  };
  const auto single = gradients(torch::kFloat), wide = gradients(torch::kDouble);
  for (const auto& [name, gradient] : wide) {
    const double unit = std::max(gradient.abs().max().item<double>(), 1e-2);
    EXPECT_LT((single.at(name) - gradient).abs().max().item<double>(), 1e-3 * unit) << name;
  }
}

TEST(Network, WritesOverNothingThatIsStillWanted) {
  NetworkBuilder build(4);
  const auto picture = build.input("picture");
  const auto norm = build.instance_norm("norm", build.conv("in", picture, 3, 8, 3), 8);
  const auto relu = build.apply("relu", Op::kRelu, {norm});
  build.apply("sum", Op::kAdd, {picture, build.conv("out", relu, 8, 3, 3)});
  const auto network = build.build();
  const torch::NoGradGuard no_grad;
  const auto photo = torch::rand({1, 3, 12, 16}).contiguous(torch::MemoryFormat::ChannelsLast), copy = photo.clone();
  const auto values = node_values(network, {{"picture", photo}}, {"norm", "relu", "sum"});
  EXPECT_TRUE(photo.equal(copy));
  EXPECT_LT(values[0].min().item<float>(), 0);
  EXPECT_TRUE(torch::relu(values[0]).equal(values[1]));
  EXPECT_TRUE(run_network(network, {{"picture", photo}}).equal(values[2]));
}

TEST(Network, TransposedConvolutionIsExactlyStrideTimesAsLarge) {
  Node node{.name = "", .op = Op::kTransposedConv, .inputs = {}};
  node.kernel = 3;
  node.stride = 2;
  const auto y = run_node(node, torch::ones({1, 1, 2, 2}), {{"weight", torch::ones({1, 1, 3, 3})}});
  // The full result is 5 × 5; the last row and column are cut, as TensorFlow's SAME does.
  const auto row = torch::tensor({1.f, 1.f, 2.f, 1.f});
  EXPECT_TRUE(torch::equal(y[0][0], torch::outer(row, row))) << y;
}

TEST(Network, UnpoolingPutsValuesWhereThePoolingFoundThem) {
  Network network;
  network.graph.nodes = {{.name = "x", .op = Op::kInput, .inputs = {}},
                         {.name = "before", .op = Op::kInput, .inputs = {}},
                         {.name = "n", .op = Op::kUnpool, .inputs = {"x", "before"}, .factor = 2}};
  const auto before = torch::tensor({1.f, 9.f, 3.f, 2.f, 4.f, 0.f}).reshape({1, 1, 2, 3});  // the last column is lost
  const auto x = torch::tensor({5.f}).reshape({1, 1, 1, 1});
  const auto wanted = torch::tensor({0.f, 5.f, 0.f, 0.f, 0.f, 0.f}).reshape({1, 1, 2, 3});
  EXPECT_TRUE(torch::equal(run_network(network, {{"x", x}, {"before", before}}), wanted));
  const auto read = graph_from_json(to_json(network.graph));
  EXPECT_EQ(read.nodes.back().op, Op::kUnpool);
  EXPECT_EQ(read.nodes.back().factor, 2);
}

TEST(Network, EnlargingFromTheCornerKeepsTheValuesAndRepeatsTheEdge) {
  Node node{.name = "", .op = Op::kUpsampleBilinearCorner, .inputs = {}};
  node.factor = 2;
  const auto x = torch::tensor({1.f, 3.f, 7.f}).reshape({1, 1, 1, 3});
  const auto row = torch::tensor({1.f, 2.f, 3.f, 5.f, 7.f, 7.f});
  EXPECT_TRUE(torch::allclose(run_node(node, x), row.expand({1, 1, 2, 6})));
  node.factor = 4;
  const auto four = torch::tensor({1.f, 1.5f, 2.f, 2.5f, 3.f, 4.f, 5.f, 6.f, 7.f, 7.f, 7.f, 7.f});
  EXPECT_TRUE(torch::allclose(run_node(node, x.transpose(2, 3)), four.reshape({1, 1, 12, 1}).expand({1, 1, 12, 4})));
}

TEST(Network, FiltersByItsGuideAndSurvivesAFile) {
  NetworkBuilder build(1);
  const auto guide = build.input("guide");
  build.guided_filter("n", build.input("x"), guide, 2, 1e-2);
  const auto network = read_network(write_network(build.build(), false));
  const auto x = torch::rand({2, 4, 9, 12}), by = torch::rand({2, 4, 9, 12});
  const auto wanted = guided_filter_by_channel(x, by, 2, 1e-2);
  EXPECT_TRUE(torch::equal(run_network(network, {{"x", x}, {"guide", by}}), wanted));
  EXPECT_LT((run_network(network, {{"x", x}, {"guide", by}}, torch::kBFloat16) - wanted).abs().max().item<float>(),
            0.05F);
  EXPECT_THROW(run_network(network, {{"x", x}, {"guide", by.narrow(1, 0, 3)}}), Error);
}

TEST(Network, InstanceNormIsByPictureAndChannel) {
  Node node{.name = "", .op = Op::kInstanceNorm, .inputs = {}};
  node.value = 0;
  const auto x = torch::cat({counted({1, 1, 1, 3}), 10 * counted({1, 1, 1, 3})});
  const auto y = run_node(node, x, {{"weight", torch::full({1}, 2.f)}, {"bias", torch::full({1}, 1.f)}});
  const auto expected = torch::tensor({1 - 2 * std::sqrt(1.5f), 1.f, 1 + 2 * std::sqrt(1.5f)});
  EXPECT_TRUE(torch::allclose(y[0][0][0], expected)) << y;
  EXPECT_TRUE(torch::allclose(y[1][0][0], expected)) << y;
}

TEST(Network, SharesMixTheStylesNorms) {
  auto network = small_network();
  network.parameters["norm.weight"] = torch::tensor({{1.f, 1.f, 1.f, 1.f}, {3.f, 3.f, 3.f, 3.f}});
  auto single = network;
  single.parameters["norm.weight"] = torch::full({2, 4}, 2.f);
  const auto x = torch::rand({2, 3, 8, 8});
  const auto mixed = run_network(network, {{"picture", x}, {"shares", torch::tensor({{0.5f, 0.5f}})}});
  const auto plain = run_network(single, {{"picture", x}, {"shares", torch::tensor({{1.f, 0.f}, {0.f, 1.f}})}});
  EXPECT_TRUE(torch::allclose(mixed, plain, 1e-5, 1e-6));
}

TEST(Network, GradientsAgreeWithFiniteDifferences) {
  auto network = small_network();
  for (auto& [name, tensor] : network.parameters) tensor = tensor.to(torch::kDouble).requires_grad_(true);
  const auto x = torch::rand({1, 3, 6, 6}, torch::kDouble);
  const auto shares = torch::tensor({{0.25, 0.75}}, torch::kDouble);
  const auto loss = [&] {
    return run_network(network, {{"picture", x}, {"shares", shares}}, torch::kDouble).square().sum();
  };
  loss().backward();
  for (const auto* name : {"first.weight", "norm.weight", "norm.bias", "last.bias"}) {
    auto& tensor = network.parameters.at(name);
    const double found = tensor.grad().flatten()[1].item<double>();
    const torch::NoGradGuard no_grad;
    auto entry = tensor.flatten()[1];
    const double step = 1e-6;
    entry.add_(step);
    const double above = loss().item<double>();
    entry.sub_(2 * step);
    const double below = loss().item<double>();
    entry.add_(step);
    EXPECT_NEAR(found, (above - below) / (2 * step), 1e-5 * (1 + std::abs(found))) << name;
  }
}

TEST(Network, ConvolutionsOfSmallMapsKeepTheirWeightsInSinglePrecision) {
  NetworkBuilder build(1);
  build.conv("out", build.input("x"), 2, 1, 1, {.edge = Edge::kZero, .bias = false});
  auto network = build.build();
  network.parameters.at("out.weight") =
      torch::tensor({1.0035F, -1.F}).reshape({1, 2, 1, 1});  // 1.0035 is 1 in bfloat16
  const auto of_size = [&](std::int64_t height) {
    return run_network(network, {{"x", torch::ones({1, 2, height, 16})}}, torch::kBFloat16).max().item<double>();
  };
  EXPECT_NEAR(of_size(16), 0.0035, 1e-4);
  EXPECT_EQ(of_size(17), 0);
}

TEST(Network, BFloat16IsCloseToFloat) {
  const auto network = small_network();
  const std::map<std::string, Tensor> inputs{{"picture", torch::rand({2, 3, 32, 32})},
                                             {"shares", torch::tensor({{1.f, 0.f}})}};
  const auto exact = run_network(network, inputs), rough = run_network(network, inputs, torch::kBFloat16);
  EXPECT_EQ(rough.scalar_type(), torch::kFloat);
  EXPECT_LT(((rough - exact).norm() / exact.norm()).item<double>(), 0.02);
}

TEST(Network, SurvivesAFile) {
  const auto network = small_network();
  const auto path =
      std::filesystem::path(testing::TempDir()) / ("network-" + std::to_string(getpid()) + ".safetensors");
  write_safetensors(path, write_network(network, false));
  const auto back = read_network(read_safetensors(path));
  std::filesystem::remove(path);
  EXPECT_EQ(to_json(back.graph), to_json(network.graph));
  const std::map<std::string, Tensor> inputs{{"picture", torch::rand({1, 3, 9, 7})},
                                             {"shares", torch::tensor({{0.f, 1.f}})}};
  EXPECT_TRUE(torch::equal(run_network(back, inputs), run_network(network, inputs)));
}

std::string refusal(const std::string& json) {
  try {
    graph_from_json(json);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Network, RefusesDescriptionsThatAreNotSound) {
  EXPECT_NE(refusal("[]").find("no nodes"), std::string::npos);
  EXPECT_NE(refusal("{").find("JSON"), std::string::npos);
  EXPECT_NE(refusal(R"([{"name":"a","op":"explode"}])").find("explode"), std::string::npos);
  EXPECT_NE(refusal(R"([{"name":"a","op":"relu","inputs":["b"]},{"name":"b","op":"input"}])").find("before its input"),
            std::string::npos);
  EXPECT_NE(refusal(R"([{"name":"a","op":"input"},{"name":"a","op":"input"}])").find("repeated"), std::string::npos);
  EXPECT_NE(
      refusal(R"([{"name":"a","op":"input"},{"name":"b","op":"conv","inputs":["a"],"stride":1e18}])").find("stride"),
      std::string::npos);
}

TEST(Network, RefusesFiltersWithoutWindowOrEpsilon) {
  const std::string start = R"([{"name":"a","op":"input"},{"name":"b","op":"guided_filter","inputs":["a","a"],)";
  EXPECT_NE(refusal(start + R"("value":0.1}])").find("factor"), std::string::npos);
  EXPECT_NE(refusal(start + R"("factor":1}])").find("epsilon"), std::string::npos);
}

TEST(Network, SaysWhatIsMissing) {
  auto network = small_network();
  EXPECT_THROW(run_network(network, {{"picture", torch::rand({1, 3, 8, 8})}}), Error);
  network.parameters.erase("last.bias");
  network.parameters.erase("norm.bias");
  const std::map<std::string, Tensor> inputs{{"picture", torch::rand({1, 3, 8, 8})}, {"shares", torch::ones({1, 2})}};
  EXPECT_THROW(run_network(network, inputs), Error);
  EXPECT_THROW(run_network(small_network(), {{"picture", torch::rand({1, 5, 8, 8})}, {"shares", torch::ones({1, 2})}}),
               Error);
}

}  // namespace
}  // namespace atelier
