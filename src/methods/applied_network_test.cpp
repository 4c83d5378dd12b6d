#include "methods/applied_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "support/weight_files.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

using testing::HasSubstr;

/// Down by 2, then by 2 · 3 below, and up again by `up`.
Network uneven_network(int up) {
  NetworkBuilder build(1);
  auto x = build.conv("down", build.input("picture"), 3, 4, 3, {.stride = 2});
  build.resize("aside", Op::kAveragePool, x, 3);
  x = build.resize("up", Op::kUpsample, x, up);
  build.conv("out", x, 4, 3, 3);
  return build.build();
}

TEST(AppliedNetwork, ReadsTheSizesItNeedsFromTheGraph) {
  const AppliedNetwork plain(uneven_network(2)), larger(uneven_network(8));
  EXPECT_EQ(plain.multiple(), 6);
  EXPECT_EQ(plain.enlargement(), 1);
  EXPECT_EQ(larger.enlargement(), 4);
  NetworkBuilder build(1);
  build.conv("out", build.input("picture"), 3, 3, 1);
  EXPECT_EQ(AppliedNetwork(build.build()).multiple(), 1);
}

TEST(AppliedNetwork, PadsRunsAndCrops) {
  const torch::NoGradGuard no_grad;
  const auto picture = torch::rand({1, 3, 16, 21});
  for (const int up : {2, 8}) {
    const auto network = uneven_network(up);
    const auto padded = torch::reflection_pad2d(picture, {0, 3, 0, 2});
    const auto wanted = run_network(network, {{"picture", padded}}).narrow(2, 0, 8 * up).narrow(3, 0, 21 * up / 2);
    EXPECT_TRUE(AppliedNetwork(network).paint(picture, torch::kFloat).equal(wanted));
  }
}

TEST(AppliedNetwork, HandsOnOtherInputsAtThePaddedSize) {
  NetworkBuilder build(1);
  const auto x = build.input("picture"), noise = build.input("noise");
  const auto y = build.resize("less", Op::kAveragePool, build.apply("sum", Op::kAdd, {x, noise}), 4);
  build.resize("out", Op::kUpsample, y, 4);
  const AppliedNetwork network(build.build(), {"picture", "noise"});
  const auto painted = network.paint(torch::zeros({1, 3, 5, 4}), torch::kFloat, [](const Tensor& padded) {
    EXPECT_EQ(padded.sizes(), (at::IntArrayRef{1, 3, 8, 4}));
    return std::map<std::string, Tensor>{{"noise", torch::ones_like(padded)}};
  });
  EXPECT_TRUE(painted.equal(torch::ones({1, 3, 5, 4})));
}

TEST(AppliedNetwork, RefusesWhatItCannotApply) {
  const auto fault = [](Network network, const std::vector<std::string>& inputs) {
    return test::message_of([&] { AppliedNetwork(std::move(network), inputs); });
  };
  EXPECT_THAT(fault(uneven_network(2), {"picture", "noise"}),
              HasSubstr("takes picture and the method gives picture, noise"));
  EXPECT_THAT(fault(uneven_network(1), {"picture"}), HasSubstr("makes pictures smaller"));
  NetworkBuilder build(1);
  build.conv("out", build.input("picture"), 3, 3, 1, {.stride = 5000});
  EXPECT_THAT(fault(build.build(), {"picture"}), HasSubstr("changes sizes absurdly"));
}

TEST(OpenStyleModel, TakesOnlyTheMethodsOwn) {
  const test::TemporaryFolder folder;
  auto weights = write_network(uneven_network(2), false);
  weights.metadata["method"] = "johnson";
  const auto file = (folder / "model.safetensors").string();
  write_safetensors(file, weights);
  EXPECT_EQ(open_style_model(file, "johnson").metadata.at("method"), "johnson");
  EXPECT_THAT(test::message_of([&] { open_style_model(file, "msg-net"); }), HasSubstr("use --method johnson"));
  EXPECT_THAT(test::message_of([] { open_style_model("", "msg-net"); }),
              HasSubstr("msg-net paints the style of a trained model, not of a picture"));
}

TEST(OpenModels, OpensEachOnce) {
  int opened = 0;
  OpenModels<std::string> models([&](const std::string& name) {
    ++opened;
    return name + "!";
  });
  EXPECT_EQ(models("a"), "a!");
  EXPECT_EQ(models("b"), "b!");
  EXPECT_EQ(models("a"), "a!");
  EXPECT_EQ(opened, 2);
}

}  // namespace
}  // namespace atelier
