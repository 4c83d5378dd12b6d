// What the program exports, run by ONNX Runtime: every embedded model, and every method's tiny one with no edit here.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <regex>

#include "encoders/encoder.h"
#include "methods/method.h"
#include "methods/model_iteration/adversarial/mgan/network.h"
#include "methods/model_iteration/adversarial/sketch_color/hint.h"
#include "networks/encoder_network.h"
#include "networks/export_onnx.h"
#include "networks/noise_input.h"
#include "support/fixtures.h"
#include "support/onnx_runtime.h"
#include "support/weight_files.h"
#include "weights/model_file.h"
#include "weights/model_store.h"

namespace atelier {
namespace {

using Tensors = std::map<std::string, Tensor>;

/// Whole multiples of what any of the networks wants.
const std::vector<std::pair<std::int64_t, std::int64_t>> kSizes = {{64, 96}, {128, 80}};

std::shared_ptr<const Encoder> compact() { return open_encoder("compact", {.precision = Precision::kFloat32}); }

/// The last tap that the name of a decoder's input holds; mgan's generator has a tap of its own.
std::string tap_in(const std::string& name) {
  std::string tap = methods::mgan::kGeneratorTap;
  static const std::regex kTap("relu[1-5]_[1-9]");
  for (auto found = std::sregex_iterator(name.begin(), name.end(), kTap); found != std::sregex_iterator(); ++found)
    tap = found->str();
  return tap;
}

/// Rows of the parameter of the node that reads `input` second: how many styles or channels it stands for.
std::int64_t rows_behind(const Network& network, const std::string& input) {
  for (const auto& node : network.graph.nodes)
    if (node.inputs.size() == 2 && node.inputs[1] == input) return network.parameters.at(node.name + ".weight").size(0);
  return 0;
}

/// What a network's input is given for a picture; undefined when this test does not know it.
Tensor input_for(const Network& network, const std::string& name, const Tensor& picture) {
  if (name == "picture") return picture;
  if (name == "noise") return noise_input(network, picture, 1);
  if (name == "shares") return torch::softmax(torch::randn({1, rows_behind(network, name)}), 1);
  if (name == "gram") return torch::rand({1, rows_behind(network, name), rows_behind(network, name)});
  if (name == "hint")
    return torch::rand({1, methods::sketch_color::code_size(*compact()), picture.size(2) / 8, picture.size(3) / 8});
  if (name.ends_with("features") || name.find("relu") != std::string::npos)
    return compact()->raw_features(picture, {tap_in(name)})[0];
  return {};
}

/// A network by the name of its file, with inputs of every size.
struct Exported {
  std::string name;
  Network network;
  std::vector<Tensors> inputs;
};

Exported exported(const std::string& name, const WeightSet& model, const std::filesystem::path& folder) {
  export_onnx(model, folder / (name + ".onnx"));
  Exported one{name, model.metadata.contains("graph") ? read_network(model) : encoder_network(read_chain(model)), {}};
  for (const auto& [height, width] : kSizes) {
    const auto picture = torch::rand({1, 3, height, width});
    Tensors inputs;
    for (const auto& input : one.network.graph.inputs()) {
      inputs[input] = input_for(one.network, input, picture);
      if (!inputs[input].defined()) throw Error("the input \"" + input + "\" is new; say in input_for() what it takes");
    }
    one.inputs.push_back(inputs);
  }
  return one;
}

std::vector<Exported> everything(const std::filesystem::path& folder) {
  std::vector<Exported> all;
  for (const auto& model : list_models())
    if (model.embedded() && model.kind != "dataset")
      all.push_back(exported(model.name, open_model(model.name), folder));
  for (const auto& method : all_methods())
    if (method.tiny_model != nullptr)
      all.push_back(exported("tiny-" + std::string(method.name), method.tiny_model(), folder));
  return all;
}

/// Within a twentieth of an 8-bit level, or as near relative to the largest feature.
void expect_alike(const Tensor& made, const Tensor& expected, const std::string& name) {
  ASSERT_EQ(made.sizes(), expected.sizes()) << name;
  const auto largest = std::max(1.F, expected.abs().max().item<float>());
  EXPECT_LT((made - expected).abs().max().item<float>(), largest / (20 * 255)) << name;
}

void expect_same_values(const Network& network, const Tensors& inputs, const Tensors& outputs,
                        const std::string& name) {
  std::vector<std::string> names;
  for (const auto& [output, made] : outputs) names.push_back(output);
  ASSERT_FALSE(names.empty()) << name;
  const auto expected = node_values(network, inputs, names);
  for (std::size_t i = 0; i < names.size(); ++i)
    expect_alike(outputs.at(names[i]), expected[i], name + ": " + names[i]);
}

TEST(EveryExport, OnnxRuntimeGivesTheSame) {
  const torch::NoGradGuard no_grad;
  const auto modules = find_onnx_runtime();
  if (modules.empty()) GTEST_SKIP() << "ONNX Runtime is not at hand: node is missing, or npm could not install it";
  torch::manual_seed(2);
  const test::TemporaryFolder folder;
  const auto all = everything(folder.path());
  std::vector<OnnxCase> cases;
  for (const auto& one : all)
    for (const auto& inputs : one.inputs) cases.push_back({folder / (one.name + ".onnx"), inputs});
  const auto results = run_onnx(cases, folder.path(), modules);
  ASSERT_EQ(results.size(), cases.size()) << test::read_text(folder / "log");
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto& one = all[i / kSizes.size()];
    expect_same_values(one.network, cases[i].inputs, results[i], one.name);
  }
}

/// The features of an exported encoder, once as methods get them and once by ONNX Runtime.
void expect_encoder(const WeightSet& weights, const std::string& modules) {
  const test::TemporaryFolder folder;
  export_onnx(weights, folder / "encoder.onnx");
  const Encoder encoder(read_chain(weights), {.precision = Precision::kFloat32});
  const auto picture = read_fixture("photo_64.png");
  const auto results = run_onnx({{folder / "encoder.onnx", {{"picture", picture}}}}, folder.path(), modules);
  ASSERT_EQ(results.size(), 1u) << test::read_text(folder / "log");
  for (const auto& layer : encoder.chain().layers) {
    const auto tap = "relu" + layer.name.substr(4);
    expect_alike(results[0].at(tap), encoder.raw_features(picture, {tap})[0], tap);
    if (encoder.chain().readouts.contains(tap))
      expect_alike(results[0].at(tap + ".readout"), encoder.features(picture, {tap})[0], tap + ".readout");
  }
}

TEST(EveryExport, EncodersGiveTheFeaturesThatMethodsTake) {
  const torch::NoGradGuard no_grad;
  const auto modules = find_onnx_runtime();
  if (modules.empty()) GTEST_SKIP() << "ONNX Runtime is not at hand: node is missing, or npm could not install it";
  expect_encoder(open_model("compact"), modules);
}

TEST(EveryExport, PublishedEncodersAreExportedToo) {
  const torch::NoGradGuard no_grad;
  const std::string published = ATELIER_SHARED "/data/weights/wct-16x/encoder-5.safetensors";
  const auto modules = find_onnx_runtime();
  if (modules.empty() || !std::filesystem::exists(published))
    GTEST_SKIP() << "ONNX Runtime or the shared wct-16x weights are not at hand";
  expect_encoder(read_weights(published), modules);
}

/// The margin that adain paints with, and sides that are multiples of 16 with it.
constexpr std::int64_t kMargin = 32;

/// Mean and deviation of each channel; what is added keeps channels without any variance from being divided by zero.
std::pair<Tensor, Tensor> moments(const Tensor& features) {
  const auto variance = features.var({2, 3}, true, true);
  return {features.mean({2, 3}, true), (variance + 1e-5 * variance.sum()).sqrt()};
}

Tensor adain(const Tensor& features, const Tensor& painting) {
  const auto [mean, deviation] = moments(features);
  const auto [wanted_mean, wanted_deviation] = moments(painting);
  return (features - mean) / deviation * wanted_deviation + wanted_mean;
}

/// As docs/export.md describes it.
TEST(EveryExport, EncoderAndDecoderPaintAsAdainDoes) {
  const torch::NoGradGuard no_grad;
  const auto modules = find_onnx_runtime();
  if (modules.empty()) GTEST_SKIP() << "ONNX Runtime is not at hand: node is missing, or npm could not install it";
  Inputs inputs;
  inputs.content = read_fixture("photo_64.png");
  inputs.styles.resize(1);
  inputs.styles[0].picture = read_fixture("painting_64.png");
  inputs.precision = "fp32";
  const auto& method = find_method("adain");
  const auto expected = method.make(Values(method.options, {}))->run(inputs, [](const Progress&) { return true; });

  const test::TemporaryFolder folder;
  for (const char* model : {"compact", "adain"})
    export_onnx(open_model(model), folder / (std::string(model) + ".onnx"));
  const auto padded = torch::reflection_pad2d(inputs.content, {kMargin, kMargin, kMargin, kMargin});
  const auto features = run_onnx({{folder / "compact.onnx", {{"picture", padded}}},
                                  {folder / "compact.onnx", {{"picture", inputs.styles[0].picture}}}},
                                 folder.path(), modules);
  ASSERT_EQ(features.size(), 2u) << test::read_text(folder / "log");
  const auto styled = adain(features[0].at("relu4_1"), features[1].at("relu4_1"));
  const auto painted = run_onnx({{folder / "adain.onnx", {{"relu4_1.features", styled}}}}, folder.path(), modules);
  ASSERT_EQ(painted.size(), 1u) << test::read_text(folder / "log");
  const auto cut = painted[0].begin()->second.narrow(2, kMargin, 64).narrow(3, kMargin, 64).clamp(0, 1);
  expect_alike(cut, expected, "adain");
}

}  // namespace
}  // namespace atelier
