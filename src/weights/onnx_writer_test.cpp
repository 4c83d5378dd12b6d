#include "weights/onnx_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/protobuf_reader.h"
#include "support/weight_files.h"

namespace atelier {
namespace {

using test::ProtobufReader;
using testing::ElementsAre;
using testing::HasSubstr;

OnnxModel small_model() {
  WeightSetBuilder constants;
  constants.add_floats("w", {2, 1}, std::vector<float>{1.5F, -2});
  OnnxModel model;
  model.name = "net";
  model.nodes = {{"Gemm",
                  "n",
                  {"x", "", "w"},
                  {"y"},
                  {{"alpha", 0.5F},
                   {"axis", std::int64_t{-1}},
                   {"mode", std::string("edge")},
                   {"pads", std::vector<std::int64_t>{1, 300}}}}};
  model.inputs = {{"x", {"pictures", "3"}}};
  model.outputs = {{"y", {"pictures", "y_channels"}}};
  model.constants = constants.build();
  model.metadata = {{"licence", "MIT"}};
  return model;
}

// Field numbers as in onnx.proto.
TEST(OnnxWriter, MatchesTheFormatByHand) {  // ir_version 7; producer_name "atelier"
  EXPECT_TRUE(onnx_bytes(small_model()).starts_with(std::string("\x08\x07\x12\x07") + "atelier"));
}

TEST(OnnxWriter, SaysWhatItIsAndWhichOperatorsItMeans) {
  ProtobufReader model(onnx_bytes(small_model()));
  EXPECT_EQ(model.number(1), 7);
  EXPECT_EQ(model.text(2), "atelier");
  EXPECT_EQ(model.message(8).text(1), "");
  EXPECT_EQ(model.message(8).number(2), 13);
  EXPECT_EQ(model.message(14).text(1), "licence");
  EXPECT_EQ(model.message(14).text(2), "MIT");
  EXPECT_EQ(model.message(7).text(2), "net");
}

TEST(OnnxWriter, KeepsNodesWithTheirAttributes) {
  auto node = ProtobufReader(onnx_bytes(small_model())).message(7).message(1);
  EXPECT_THAT(node.texts(1), ElementsAre("x", "", "w"));
  EXPECT_THAT(node.texts(2), ElementsAre("y"));
  EXPECT_EQ(node.text(3), "n");
  EXPECT_EQ(node.text(4), "Gemm");
  auto attributes = node.messages(5);
  ASSERT_EQ(attributes.size(), 4u);
  EXPECT_EQ(attributes[0].text(1), "alpha");
  EXPECT_EQ(attributes[0].real(2), 0.5F);
  EXPECT_EQ(attributes[0].number(20), 1);
  EXPECT_EQ(attributes[1].number(3), -1);
  EXPECT_EQ(attributes[1].number(20), 2);
  EXPECT_EQ(attributes[2].text(4), "edge");
  EXPECT_EQ(attributes[2].number(20), 3);
  EXPECT_THAT(attributes[3].numbers(8), ElementsAre(1u, 300u));
  EXPECT_EQ(attributes[3].number(20), 7);
}

TEST(OnnxWriter, KeepsConstantsBitByBit) {
  auto tensor = ProtobufReader(onnx_bytes(small_model())).message(7).message(5);
  EXPECT_THAT(tensor.numbers(1), ElementsAre(2u, 1u));
  EXPECT_EQ(tensor.number(2), 1);
  EXPECT_EQ(tensor.text(8), "w");
  EXPECT_EQ(tensor.text(9), test::raw(1.5F) + test::raw(-2.F));
}

TEST(OnnxWriter, TellsFixedDimensionsFromNamedOnes) {
  auto graph = ProtobufReader(onnx_bytes(small_model())).message(7);
  auto input = graph.message(11);
  EXPECT_EQ(input.text(1), "x");
  EXPECT_EQ(input.message(2).message(1).number(1), 1);
  auto shape = input.message(2).message(1).message(2).messages(1);
  ASSERT_EQ(shape.size(), 2u);
  EXPECT_EQ(shape[0].text(2), "pictures");
  EXPECT_EQ(shape[1].number(1), 3);
  EXPECT_EQ(graph.message(12).text(1), "y");
}

TEST(OnnxWriter, RefusesTypesThatItDoesNotKnow) {
  auto model = small_model();
  WeightSetBuilder constants;
  model.constants = constants.add("b", DType::kBool, {1}, {std::byte{1}}).build();
  EXPECT_THAT(test::message_of([&] { onnx_bytes(model); }), HasSubstr("of type BOOL are not supported"));
}

}  // namespace
}  // namespace atelier
