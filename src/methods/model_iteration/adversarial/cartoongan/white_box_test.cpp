#include "methods/model_iteration/adversarial/cartoongan/white_box.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <filesystem>

#include "atelier/error.h"
#include "methods/foreign_models.h"
#include "methods/method.h"
#include "support/fixtures.h"
#include "support/weight_files.h"
#include "tensor/weight_tensor.h"
#include "weights/safetensors.h"

namespace atelier::methods::cartoongan {
namespace {

using testing::HasSubstr;

/// A narrow network of its form, with random weights: two residual blocks.
WeightSet narrow() {
  torch::manual_seed(4);
  const std::pair<int, int> channels[] = {{3, 4}, {4, 4}, {4, 6}, {6, 6}, {6, 8}, {8, 8}, {8, 8},
                                          {8, 8}, {8, 8}, {8, 6}, {6, 6}, {6, 4}, {4, 4}, {4, 3}};
  std::vector<std::pair<std::string, Tensor>> tensors;
  for (int i = 1; i <= 14; ++i) {
    const auto [in, out] = channels[i - 1];
    const auto side = i == 1 || i == 14 ? 7 : 3;
    const auto name = "conv" + std::string(i < 10 ? "0" : "") + std::to_string(i);
    tensors.emplace_back(name + ".weight", torch::randn({out, in, side, side}) / std::sqrt(in * side * side));
    tensors.emplace_back(name + ".bias", torch::randn({out}) * 0.1);
  }
  return to_weight_set(tensors);
}

/// The same calculation written out, convolution by convolution, in double precision.
class ByHand {
 public:
  explicit ByHand(const WeightSet& weights) : weights_(weights) {}

  Tensor paint(const Tensor& picture) const {
    const auto photo = picture.to(torch::kDouble) * 2 - 1;
    const auto full = leaky(conv(1, photo));
    const auto half = leaky(conv(3, leaky(strided(2, full))));
    auto x = leaky(conv(5, leaky(strided(4, half))));
    for (const int first : {6, 8}) x = x + conv(first + 1, leaky(conv(first, x)));
    x = leaky(conv(10, x));
    x = leaky(conv(12, leaky(conv(11, larger(x) + half))));
    x = conv(14, leaky(conv(13, larger(x) + full)));
    return (guided(x, photo) + 1) / 2;
  }

 private:
  Tensor tensor(int i, const char* which) const {
    return to_float_tensor(weights_, "conv" + std::string(i < 10 ? "0" : "") + std::to_string(i) + which)
        .to(torch::kDouble);
  }
  static Tensor leaky(const Tensor& x) { return torch::where(x > 0, x, 0.2 * x); }
  Tensor conv(int i, const Tensor& x) const {
    const auto weight = tensor(i, ".weight");
    return torch::conv2d(x, weight, tensor(i, ".bias"), 1, weight.size(2) / 2);
  }
  /// On even sizes, SAME with stride 2 has nothing before and one pixel after.
  Tensor strided(int i, const Tensor& x) const {
    return torch::conv2d(torch::constant_pad_nd(x, {0, 1, 0, 1}), tensor(i, ".weight"), tensor(i, ".bias"), 2);
  }
  /// Even results are the values themselves, odd ones the mean with the next, the last repeated.
  static Tensor larger(const Tensor& x) {
    auto result = x;
    for (const std::int64_t d : {2, 3}) {
      const auto next = torch::cat({result.slice(d, 1), result.slice(d, -1)}, d);
      result = torch::stack({result, (result + next) / 2}, d + 1).flatten(d, d + 1);
    }
    return result;
  }
  static Tensor mean(const Tensor& x) { return torch::avg_pool2d(x, 3, 1, 1, false, false); }
  static Tensor guided(const Tensor& x, const Tensor& guide) {
    const auto slope =
        (mean(guide * x) - mean(guide) * mean(x)) / (mean(guide * guide) - mean(guide) * mean(guide) + 5e-3);
    return mean(slope) * guide + mean(mean(x) - slope * mean(guide));
  }

  const WeightSet& weights_;
};

TEST(WhiteBox, PaintsWhatItsFormulasSay) {
  const auto weights = narrow();
  const auto network = read_white_box(weights);
  ASSERT_TRUE(network.has_value());
  const auto picture = torch::rand({2, 3, 20, 28});
  const auto painted = run_network(*network, {{"picture", picture}}, torch::kDouble);
  EXPECT_LT((painted - ByHand(weights).paint(picture)).abs().max().item<double>(), 1e-6);
}

TEST(WhiteBox, BecomesAStyleModelOfCartoongan) {
  const test::TemporaryFolder folder;
  const auto model = import_foreign_model(narrow());
  ASSERT_TRUE(model.has_value());
  EXPECT_EQ(model->metadata.at("method"), "cartoongan");
  EXPECT_EQ(model->metadata.at("kind"), "style");
  const auto file = folder / "white-box.safetensors";
  write_safetensors(file, *model);
  const auto& info = find_method("cartoongan");
  Inputs inputs;
  inputs.content = read_fixture("photo_64.png").narrow(2, 0, 61).narrow(3, 0, 50);
  inputs.styles.resize(1);
  inputs.styles[0].model = file.string();
  inputs.precision = "fp32";
  const auto painted = info.make(Values(info.options, {}))->run(inputs, {});
  EXPECT_EQ(painted.sizes(), inputs.content.sizes());
}

TEST(WhiteBox, KnowsNothingInUnrelatedFilesAndRefusesDamagedOnes) {
  EXPECT_FALSE(read_white_box({}).has_value());
  auto odd = narrow();
  odd.tensors.erase("conv14.weight");
  EXPECT_FALSE(read_white_box(odd).has_value());
  auto no_bias = narrow();
  no_bias.tensors.erase("conv03.bias");
  EXPECT_THAT(test::message_of([&] { read_white_box(no_bias); }), HasSubstr("conv03.bias"));
  auto exchanged = narrow();
  std::swap(exchanged.tensors.at("conv03.weight"), exchanged.tensors.at("conv05.weight"));
  EXPECT_THAT(test::message_of([&] { read_white_box(exchanged); }), HasSubstr("conv03 does not fit"));
  auto no_picture = narrow();
  for (const char* which : {".weight", ".bias"})
    no_picture.tensors.at(std::string("conv14") + which) = no_picture.tensors.at(std::string("conv13") + which);
  EXPECT_THAT(test::message_of([&] { read_white_box(no_picture); }), HasSubstr("three channels"));
}

/// Figures of the formulas by PyTorch in double precision, on the same file.
TEST(WhiteBoxShared, ThePublishedNetworkPaintsAsPublished) {
  const auto file = std::filesystem::path(ATELIER_SHARED) / "data/weights/whitebox-cartoon/generator.safetensors";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "the published network is not at hand";
  const auto network = read_white_box(read_safetensors(file));
  ASSERT_TRUE(network.has_value());
  const auto painted = run_network(*network, {{"picture", read_fixture("photo_64.png")}})[0];
  const auto near = [](const Tensor& found, std::vector<float> wanted) {
    EXPECT_LT((found - torch::tensor(wanted)).abs().max().item<float>(), 3e-4) << found;
  };
  near(painted.clamp(0, 1).mean({1, 2}), {0.5145F, 0.5127F, 0.5148F});
  near(painted.select(1, 10).select(1, 20), {0.6535F, 0.7940F, 0.8232F});
  near(painted.select(1, 0).select(1, 0), {0.4739F, 0.5906F, 0.6575F});
}

}  // namespace
}  // namespace atelier::methods::cartoongan
