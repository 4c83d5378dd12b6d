// What the program exports, run by ONNX Runtime.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "encoders/encoder.h"
#include "methods/method.h"
#include "networks/export_onnx.h"
#include "support/fixtures.h"
#include "support/onnx_runtime.h"
#include "support/weight_files.h"
#include "weights/model_file.h"
#include "weights/model_store.h"

namespace atelier {
namespace {

/// Within a twentieth of an 8-bit level, or as near relative to the largest feature.
void expect_alike(const Tensor& made, const Tensor& expected, const std::string& name) {
  ASSERT_EQ(made.sizes(), expected.sizes()) << name;
  const auto largest = std::max(1.F, expected.abs().max().item<float>());
  EXPECT_LT((made - expected).abs().max().item<float>(), largest / (20 * 255)) << name;
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
