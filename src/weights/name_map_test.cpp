#include "weights/name_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace atelier {
namespace {

using testing::Contains;
using testing::Key;

const std::vector<int> kVgg16{0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28};
const std::vector<int> kVgg19{0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34};

std::int64_t width_of(const std::vector<int>& indices, std::size_t layer) {
  const bool deep = indices.size() == 16;
  const std::size_t last_of_block[] = {1, 3, deep ? 7u : 6u, deep ? 11u : 9u};
  const std::int64_t widths[] = {64, 128, 256, 512};
  for (int block = 0; block < 4; ++block)
    if (layer <= last_of_block[block]) return widths[block];
  return 512;
}

/// Shapes as torchvision's, without the memory: every tensor is the same zeros.
WeightSet network(const std::vector<int>& indices, const std::string& prefix = "features.", std::size_t layers = 99) {
  WeightSet set;
  std::int64_t channels = 3;
  for (std::size_t i = 0; i < std::min(layers, indices.size()); ++i) {
    const auto name = prefix + std::to_string(indices[i]);
    set.tensors[name + ".weight"] = {DType::kF32, {width_of(indices, i), channels, 3, 3}, {}};
    set.tensors[name + ".bias"] = {DType::kF32, {width_of(indices, i)}, {}};
    channels = width_of(indices, i);
  }
  set.tensors["classifier.0.weight"] = {DType::kF32, {4096, 25088}, {}};
  return set;
}

TEST(NameMap, RenamesTorchvisionVgg19) {
  const auto vgg = find_vgg(network(kVgg19));
  ASSERT_TRUE(vgg);
  EXPECT_EQ(vgg->architecture, "vgg19");
  EXPECT_EQ(vgg->convolutions, 16);
  EXPECT_EQ(vgg->weights.tensors.size(), 32u);
  EXPECT_EQ(vgg->weights.at("conv1_1.weight").shape, (std::vector<std::int64_t>{64, 3, 3, 3}));
  EXPECT_EQ(vgg->weights.at("conv3_4.weight").shape, (std::vector<std::int64_t>{256, 256, 3, 3}));
  EXPECT_EQ(vgg->weights.at("conv4_1.weight").shape, (std::vector<std::int64_t>{512, 256, 3, 3}));
  EXPECT_THAT(vgg->weights.tensors, Contains(Key("conv5_4.bias")));
  EXPECT_EQ(vgg->weights.metadata.at("preprocessing"), "torchvision");
}

TEST(NameMap, RenamesTorchvisionVgg16BehindAPrefix) {
  const auto vgg = find_vgg(network(kVgg16, "state_dict.module.features."));
  ASSERT_TRUE(vgg);
  EXPECT_EQ(vgg->architecture, "vgg16");
  EXPECT_EQ(vgg->convolutions, 13);
  EXPECT_THAT(vgg->weights.tensors, Contains(Key("conv5_3.weight")));
  EXPECT_THAT(vgg->weights.tensors, testing::Not(Contains(Key("conv3_4.weight"))));
}

TEST(NameMap, AcceptsOurNamesAndNetsThatEndEarly) {
  const auto renamed = find_vgg(network(kVgg19, "features.", 5))->weights;
  EXPECT_EQ(find_vgg(renamed)->architecture, "vgg19");
  EXPECT_EQ(find_vgg(renamed)->convolutions, 5);
  const auto vgg16 = find_vgg(network(kVgg16))->weights;
  EXPECT_EQ(find_vgg(vgg16)->architecture, "vgg16");
}

TEST(NameMap, IsNotFooledByOtherNetworks) {
  EXPECT_FALSE(find_vgg({}));
  EXPECT_FALSE(find_vgg(network({0, 3, 6, 8, 11, 13, 16, 18})));                       // VGG-11
  EXPECT_FALSE(find_vgg(network({0, 2, 5, 7, 10, 12, 15, 17, 20, 22})));               // VGG-13
  EXPECT_FALSE(find_vgg(network({0, 3, 7, 10, 14, 17, 20, 24, 27, 30, 34, 37, 40})));  // VGG-16 with batch norm
  auto narrow = network(kVgg19);
  narrow.tensors["features.0.weight"].shape = {24, 3, 3, 3};
  EXPECT_FALSE(find_vgg(narrow));
  auto gap = network(kVgg19);
  gap.tensors.erase("features.12.bias");
  EXPECT_FALSE(find_vgg(gap));
}

}  // namespace
}  // namespace atelier
