// The networks of others, against what their own code paints (tests/fixtures/make_johnson_fixtures.py), and ours.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "atelier/error.h"
#include "methods/method.h"
#include "methods/model_iteration/generative/johnson/network.h"
#include "methods/model_iteration/generative/johnson/torch7_network.h"
#include "methods/style_mix.h"
#include "support/fixtures.h"
#include "support/tolerance.h"
#include "support/weight_files.h"
#include "tensor/weight_tensor.h"
#include "weights/model_file.h"
#include "weights/safetensors.h"

namespace atelier::methods::johnson {

MethodInfo describe();

namespace {

using testing::HasSubstr;

constexpr float kLevel = 1.F / 255;
const Shape kSmall{.full_width = 4, .half_width = 6, .quarter_width = 8, .blocks = 2};

Tensor expected(const std::string& name) {
  return to_float_tensor(read_safetensors(fixture("johnson/expected.safetensors")), name);
}

double difference(const Tensor& a, const Tensor& b) { return (a - b).abs().max().item<double>(); }

class Foreign : public testing::TestWithParam<const char*> {
 protected:
  std::string file() const { return fixture(std::string("johnson/") + GetParam()); }
  std::string name() const { return std::filesystem::path(GetParam()).stem().string(); }
};
INSTANTIATE_TEST_SUITE_P(Networks, Foreign, testing::Values("lengstrom.safetensors", "examples.pth", "jcjohnson.t7"),
                         [](const auto& param) { return std::filesystem::path(param.param).stem().string(); });

TEST_P(Foreign, PaintsWhatItsOwnCodePaints) {
  const auto network = read_johnson(read_weights(file()));
  ASSERT_TRUE(network.has_value());
  EXPECT_LT(difference(run_network(*network, {{"picture", expected("photo")}}), expected(name())), 0.01 * kLevel);
}

TEST_P(Foreign, BecomesAStyleModelThatPaintsTheSame) {
  const auto model = import_johnson(read_weights(file()));
  ASSERT_TRUE(model.has_value());
  EXPECT_EQ(model->metadata.at("kind"), "style");
  EXPECT_EQ(model->metadata.at("method"), "johnson");
  const auto painted = run_network(read_network(*model), {{"picture", expected("photo")}});
  EXPECT_LT(difference(painted, expected(name())), 0.01 * kLevel);
}

TEST_P(Foreign, IsAppliedAsItIs) {
  Inputs inputs;
  inputs.content = expected("photo");
  inputs.styles.resize(1);
  inputs.styles[0].model = file();
  inputs.precision = "fp32";
  const auto info = describe();
  const auto painted = info.make(Values(info.options, {}))->run(inputs, {});
  EXPECT_LT(difference(painted, expected(name()).clamp(0, 1)), 0.01 * kLevel);
}

// lengstrom's transform.py once more, with the paddings written out.
Tensor lengstrom(const WeightSet& weights, Tensor x) {
  int index = 0;
  const auto next = [&] {
    const auto name = index == 0 ? std::string("Variable") : "Variable_" + std::to_string(index);
    ++index;
    return to_float_tensor(weights, name);
  };
  const auto norm = [&](const Tensor& y) {
    const auto shift = next().reshape({1, -1, 1, 1}), scale = next().reshape({1, -1, 1, 1});
    const auto [variance, mean] = torch::var_mean(y, at::IntArrayRef{2, 3}, false, true);
    return (y - mean) / (variance + 1e-3).sqrt() * scale + shift;
  };
  const auto conv = [&](const Tensor& y, int stride) {
    const auto kernel = next().permute({3, 2, 0, 1});
    const auto k = kernel.size(2);
    const auto before = stride == 1 ? k / 2 : 0, after = stride == 1 ? k / 2 : 1;
    return norm(torch::conv2d(torch::constant_pad_nd(y, {before, after, before, after}), kernel, {}, stride));
  };
  const auto up = [&](const Tensor& y) {
    const auto full = torch::conv_transpose2d(y, next().permute({3, 2, 0, 1}), {}, 2);
    return norm(full.narrow(2, 0, y.size(2) * 2).narrow(3, 0, y.size(3) * 2)).relu();
  };
  x = conv(x * 255, 1).relu();
  x = conv(x, 2).relu();
  x = conv(x, 2).relu();
  for (int block = 0; block < 5; ++block) {
    const auto half = conv(x, 1).relu();
    x = x + conv(half, 1);
  }
  x = up(x);
  x = up(x);
  return (conv(x, 1).tanh() * 150 + 127.5) / 255;
}

TEST(JohnsonShared, PublishedNetworksPaintAsPublished) {
  const std::filesystem::path folder = std::string(ATELIER_SHARED) + "/data/weights/johnson-lengstrom";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "the published networks are not at hand";
  const auto photo = read_fixture("photo_64.png");
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".safetensors") continue;
    const auto weights = read_weights(entry.path());
    const auto network = read_johnson(weights);
    ASSERT_TRUE(network.has_value()) << entry.path();
    const auto single = run_network(*network, {{"picture", photo}}), wanted = lengstrom(weights, photo);
    EXPECT_LT(difference(single, wanted), 0.1 * kLevel) << entry.path();
    const auto brief = run_network(*network, {{"picture", photo}}, torch::kBFloat16).clamp(0, 1);
    EXPECT_LT((brief - wanted.clamp(0, 1)).abs().mean().item<float>(), kLevel) << entry.path();
  }
}

TEST(Johnson, KeepsTheSizeInBothForms) {
  for (const auto upsampling : {Upsampling::kTransposed, Upsampling::kNearest}) {
    auto shape = kSmall;
    shape.upsampling = upsampling;
    const auto painted = run_network(painting_network(1, shape), {{"picture", torch::rand({2, 3, 24, 32})}});
    EXPECT_EQ(painted.sizes(), (at::IntArrayRef{2, 3, 24, 32}));
    EXPECT_TRUE(painted.isfinite().all().item<bool>());
  }
}

TEST(Johnson, NearestUpsamplingLeavesNoPatternOnAPlainPicture) {
  const auto plain = torch::full({1, 3, 24, 24}, 0.3, torch::kDouble);
  const auto painted = run_network(painting_network(1, kSmall), {{"picture", plain}}, torch::kDouble);
  EXPECT_LT((painted - painted.slice(2, 0, 1).slice(3, 0, 1)).abs().max().item<double>(), 1e-9);
}

TEST(Johnson, TransposedOutputIsBounded) {
  auto shape = kSmall;
  shape.upsampling = Upsampling::kTransposed;
  auto network = painting_network(1, shape);
  network.parameters.at("out_norm.weight").fill_(100);  // drives tanh to its ends: (127.5 ± 150) / 255
  const auto painted = run_network(network, {{"picture", torch::rand({1, 3, 16, 16})}});
  EXPECT_NEAR(painted.min().item<float>(), -22.5 / 255, 1e-6);
  EXPECT_NEAR(painted.max().item<float>(), 277.5 / 255, 1e-6);
}

TEST(Johnson, PadsByReflectionToMultiplesOfFour) {
  const auto file = fixture("johnson/examples.pth");
  Inputs inputs;
  inputs.content = expected("photo").narrow(2, 0, 33).narrow(3, 0, 38);
  inputs.styles.resize(1);
  inputs.styles[0].model = file;
  inputs.precision = "fp32";
  const auto info = describe();
  const auto painted = info.make(Values(info.options, {}))->run(inputs, {});
  const auto padded = torch::reflection_pad2d(inputs.content, {0, 2, 0, 3});
  const torch::NoGradGuard no_grad;
  const auto wanted = run_network(*read_johnson(read_weights(file)), {{"picture", padded}});
  EXPECT_TRUE(painted.equal(wanted.narrow(2, 0, 33).narrow(3, 0, 38).clamp(0, 1)));
}

TEST(Johnson, RefusesAPictureAsStyle) {
  Inputs inputs;
  inputs.content = torch::rand({1, 3, 16, 16});
  inputs.styles = {{.picture = torch::rand({1, 3, 16, 16}), .weight = 1, .mask = {}}};
  const auto info = describe();
  EXPECT_THAT(test::message_of([&] { info.make(Values(info.options, {}))->run(inputs, {}); }),
              HasSubstr("the style of a trained model, not of a picture"));
}

TEST(Johnson, KnowsNothingInUnrelatedFiles) {
  EXPECT_FALSE(read_johnson({}).has_value());
  EXPECT_FALSE(read_johnson(read_weights(fixture("weights/zip.pth"))).has_value());
  EXPECT_FALSE(read_johnson(read_weights(fixture("weights/model.t7"))).has_value());
  EXPECT_FALSE(import_johnson({}).has_value());
}

std::string fault_of(const WeightSet& weights) {
  return test::message_of([&] { read_johnson(weights); });
}

TEST(Johnson, RefusesSpoiltNetworksByName) {
  auto variables = read_weights(fixture("johnson/lengstrom.safetensors"));
  auto spoilt = variables;
  spoilt.tensors["Variable_3"].shape = {9, 4, 1, 6};  // as many elements
  EXPECT_THAT(fault_of(spoilt), HasSubstr("down1.weight"));
  spoilt = variables;
  spoilt.tensors["Variable_3"].shape = {216};
  EXPECT_THAT(fault_of(spoilt), HasSubstr("\"Variable_3\" is no kernel"));
  spoilt = read_weights(fixture("johnson/examples.pth"));
  spoilt.tensors.erase("res2.in1.weight");
  EXPECT_THAT(fault_of(spoilt), HasSubstr("res2.in1.weight"));
}

/// The small .t7 with one field of one layer replaced.
std::string torch7_fault(const std::string& path, const std::string& field, const nlohmann::json& value) {
  auto weights = read_weights(fixture("johnson/jcjohnson.t7"));
  auto list = nlohmann::json::parse(weights.metadata.at("torch7"));
  for (auto& entry : list)
    if (entry["path"] == path) (field == "class" ? entry["class"] : entry["fields"][field]) = value;
  weights.metadata["torch7"] = list.dump();
  return fault_of(weights);
}

TEST(Johnson, RefusesTorch7LayersByName) {
  EXPECT_EQ(torch7_fault("", "", 0), "");
  EXPECT_THAT(torch7_fault("model.modules.3", "class", "nn.Dropout"),
              HasSubstr("\"model.modules.3\", nn.Dropout, is not understood"));
  EXPECT_THAT(torch7_fault("opt", "preprocessing", "caffe"), HasSubstr("preprocessing \"caffe\""));
  EXPECT_THAT(torch7_fault("model.modules.1", "kW", 7), HasSubstr("is not square"));
  EXPECT_THAT(torch7_fault("model.modules.1", "dW", -1), HasSubstr("absurd dW"));
  EXPECT_THAT(torch7_fault("model.modules.1", "kW", "nine"), HasSubstr("absurd kW"));
  EXPECT_THAT(torch7_fault("model.modules.0", "pad_t", 3), HasSubstr("is not square"));
  EXPECT_THAT(torch7_fault("model.modules.2", "eps", "small"), HasSubstr("wrong type"));
  EXPECT_THAT(torch7_fault("model.modules.12", "adjW", 0), HasSubstr("is not square"));
  EXPECT_THAT(torch7_fault("model.modules.10.modules.1", "class", "nn.Identity"), HasSubstr("is not summed"));
}

}  // namespace
}  // namespace atelier::methods::johnson
