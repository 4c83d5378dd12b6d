#include "methods/model_iteration/reconstruction/decoders.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"
#include "encoders/random_chain.h"
#include "support/fixtures.h"
#include "support/weight_files.h"
#include "weights/safetensors.h"

namespace atelier::reconstruction {
namespace {

ConvChain chain() { return random_chain({2, 2, 1}, {4, 6, 8}); }

TEST(MirrorDecoder, HasTheEncodersLayersInReverse) {
  const auto network = mirror_decoder(chain(), "relu2_2");
  std::vector<std::string> names;
  for (const auto& node : network.graph.nodes) names.push_back(node.name);
  EXPECT_EQ(names, (std::vector<std::string>{"features", "conv2_2", "active2_2", "conv2_1", "active2_1", "up2_1",
                                             "conv1_2", "active1_2", "conv1_1"}));
  EXPECT_EQ(network.parameters.at("conv2_2.weight").sizes(), (at::IntArrayRef{6, 6, 3, 3}));
  EXPECT_EQ(network.parameters.at("conv2_1.weight").sizes(), (at::IntArrayRef{4, 6, 3, 3}));
  EXPECT_EQ(network.parameters.at("conv1_1.weight").sizes(), (at::IntArrayRef{3, 4, 3, 3}));
}

TEST(MirrorDecoder, GivesAPictureOfTheEncodersInputSize) {
  const auto picture = torch::rand({2, 3, 24, 32});
  for (const std::string tap : {"relu1_1", "relu2_1", "relu3_1"}) {
    const auto features = chain_features(chain(), picture, {tap})[0];
    EXPECT_EQ(run_network(mirror_decoder(chain(), tap), {{"features", features}}).sizes(), picture.sizes());
    EXPECT_EQ(run_network(mirror_decoder(chain(), tap, {.width = 0.5}), {{"features", features}}).sizes(),
              picture.sizes());
  }
}

TEST(MirrorDecoder, UnpoolsByTheFeaturesBeforeThePooling) {
  const auto network = mirror_decoder(chain(), "relu3_1", {.unpool = true});
  EXPECT_EQ(network.graph.inputs(), (std::vector<std::string>{"features", "relu1_2", "relu2_2"}));
  const auto picture = torch::rand({1, 3, 16, 16});
  const auto found = chain_features(chain(), picture, {"relu3_1", "relu1_2", "relu2_2"});
  const auto out = run_network(network, {{"features", found[0]}, {"relu1_2", found[1]}, {"relu2_2", found[2]}});
  EXPECT_EQ(out.sizes(), picture.sizes());
}

TEST(MirrorDecoder, RefusesWhatCannotBeBuilt) {
  EXPECT_THROW(mirror_decoder(chain(), "relu7_1"), Error);
  EXPECT_THROW(mirror_decoder(chain(), "relu2_1", {.width = 0}), Error);
  EXPECT_THROW(mirror_decoder(chain(), "relu2_1", {.width = 0.5, .unpool = true}), Error);
}

TEST(SkipDecoder, JoinsEveryTapWhereItsSizeIsReached) {
  const auto network = skip_decoder(chain(), {"relu3_1", "relu2_1", "relu1_1"}, {.residual_blocks = 1});
  EXPECT_EQ(network.graph.inputs(), (std::vector<std::string>{"features", "styled.relu2_1", "styled.relu1_1"}));
  EXPECT_EQ(network.parameters.at("conv2_1.weight").sizes(), (at::IntArrayRef{4, 12, 3, 3}));
  EXPECT_EQ(network.parameters.at("conv1_1.weight").sizes(), (at::IntArrayRef{3, 8, 3, 3}));
  const auto picture = torch::rand({2, 3, 24, 32});
  const auto found = chain_features(chain(), picture, {"relu3_1", "relu2_1", "relu1_1"});
  const auto out =
      run_network(network, {{"features", found[0]}, {"styled.relu2_1", found[1]}, {"styled.relu1_1", found[2]}});
  EXPECT_EQ(out.sizes(), picture.sizes());
}

TEST(SkipDecoder, RefusesTapsThatAreNotDeepestFirst) {
  EXPECT_THROW(skip_decoder(chain(), {"relu1_1", "relu2_1"}), Error);
  EXPECT_THROW(skip_decoder(chain(), {}), Error);
  EXPECT_THROW(skip_decoder(chain(), {"relu1_1"}, {.width = 0}), Error);
}

TEST(DecoderInputs, TransferWhatIsStyledAndLeaveTheRest) {
  const auto deep = torch::rand({1, 2, 4, 4}), shallow = torch::rand({1, 2, 8, 8});
  const auto wanted = feature_statistics(torch::rand({1, 2, 5, 5}));
  const auto given = decoder_inputs({"features", "styled.relu1_1", "relu1_2"}, "relu2_1",
                                    {{"relu2_1", deep}, {"relu1_1", shallow}, {"relu1_2", shallow}},
                                    {{"relu2_1", {{wanted}}}, {"relu1_1", {{wanted}}}}, Transform::kOptimal, 1);
  for (const char* name : {"features", "styled.relu1_1"}) {
    const auto found = feature_statistics(given.at(name));
    EXPECT_TRUE(torch::allclose(found.mean, wanted.mean, 1e-4, 1e-5)) << name;
    EXPECT_TRUE(torch::allclose(found.covariance, wanted.covariance, 1e-3, 1e-5)) << name;
  }
  EXPECT_TRUE(given.at("relu1_2").equal(shallow));
}

TEST(ScaleToData, GivesEveryConvolutionADeviationOfOne) {
  auto network = mirror_decoder(chain(), "relu2_1");
  const std::map<std::string, Tensor> given{{"features", torch::rand({2, 6, 8, 8}) * 40}};
  scale_to_data(network, given);
  const auto out = run_network(network, given);
  EXPECT_NEAR(out.std().item<double>(), 0.25, 1e-3);
}

TEST(Decoders, JoinedComeApartAgain) {
  const auto deep = mirror_decoder(chain(), "relu3_1", {}, 1), shallow = mirror_decoder(chain(), "relu2_1", {}, 2);
  const auto joined = join_decoders({{"relu2_1", shallow}, {"relu3_1", deep}});
  EXPECT_EQ(decoder_taps(joined), (std::vector<std::string>{"relu3_1", "relu2_1"}));
  const auto features = torch::rand({1, 8, 4, 4});
  EXPECT_TRUE(run_network(decoder_of(joined, "relu3_1"), {{"features", features}})
                  .equal(run_network(deep, {{"features", features}})));
  EXPECT_THROW(decoder_of(joined, "relu1_1"), Error);
}

TEST(OpenStart, TakesDecodersOfAnyMethodAndNothingElse) {
  EXPECT_EQ(open_start("wct").method, "wct");
  EXPECT_EQ(decoder_taps(open_start("adain").joined), std::vector<std::string>{"relu4_1"});
  EXPECT_THROW(open_start("gallery"), Error);
  EXPECT_THROW(open_start("compact"), Error);
}

TEST(Decoders, SurviveAFileWithWhatTheyBelongTo) {
  const test::TemporaryFolder folder;
  const auto file = (folder / "decoders.safetensors").string();
  const auto encoder = open_encoder("compact", {.precision = Precision::kFloat32});
  const auto decoder = mirror_decoder(encoder->chain(), "relu1_1", {}, 3);
  write_safetensors(file, write_decoders({{"relu1_1", decoder}}, "wct", "compact", false));
  const auto levels = open_levels(file, "wct", Precision::kFloat32);
  ASSERT_EQ(levels.size(), 1U);
  EXPECT_EQ(levels[0].tap, "relu1_1");
  const auto features = torch::rand({1, 24, 4, 4});
  EXPECT_TRUE(
      run_network(levels[0].decoder, {{"features", features}}).equal(run_network(decoder, {{"features", features}})));
  EXPECT_THROW(open_levels(file, "adain", Precision::kFloat32), Error);
  EXPECT_THROW(open_levels("compact", "wct", Precision::kFloat32), Error);
  EXPECT_THROW(open_levels("no-such-model", "wct", Precision::kFloat32), Error);
  EXPECT_THROW(open_levels(folder.path().string(), "wct", Precision::kFloat32), Error);
}

TEST(Decoders, AreOpenedByNameBesideAFolderOfThatName) {
  const test::TemporaryFolder folder;
  std::filesystem::create_directory(folder / "ost");
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  EXPECT_EQ(open_levels("ost", "ost", Precision::kFloat32).size(), 1U);
  std::filesystem::current_path(before);
}

TEST(Decoders, OfTheCompressedVggRebuildPhotos) {
  const std::string folder = ATELIER_SHARED "/data/weights/wct-16x";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "needs the shared wct-16x weights";
  const auto levels = open_levels(folder, "wct", Precision::kFloat32);
  ASSERT_EQ(levels.size(), 5U);
  const auto photo = read_fixture("photo_128.png");
  double before = 0;
  for (const auto& level : levels) {  // deepest first: each must be nearer to the photo than the one below it
    const auto features = level.encoder->raw_features(photo, {level.tap})[0];
    const auto out = run_network(level.decoder, {{"features", features}}).clamp(0, 1);
    const double decibel = -10 * std::log10((out - photo).square().mean().item<double>());
    EXPECT_GT(decibel, before) << level.tap;
    before = decibel;
  }
  EXPECT_GT(before, 35);  // published pictures: 41 to 48 dB for level 1
}

}  // namespace
}  // namespace atelier::reconstruction
