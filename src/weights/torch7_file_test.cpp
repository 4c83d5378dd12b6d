#include "weights/torch7_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/weight_files.h"
#include "weights/model_file.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

using nlohmann::json;
using test::message_of;
using test::raw;
using testing::ElementsAre;
using testing::HasSubstr;

std::string fixture(const std::string& name) { return std::string(ATELIER_FIXTURES) + "/weights/" + name; }

WeightSet parse(const std::string& content) { return parse_torch7(test::as_bytes(content), "model.t7"); }

std::string fault_of(const std::string& content) {
  return message_of([&] { parse(content); });
}

template <typename Number>
std::vector<Number> numbers(const WeightSet& weights, const std::string& name) {
  const auto& bytes = weights.at(name).bytes;
  std::vector<Number> values(bytes.size() / sizeof(Number));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

/// The same object in both modes of torch.save.
class Torch7Modes : public testing::TestWithParam<const char*> {
 protected:
  WeightSet weights_ = read_weights(fixture(GetParam()));
};
INSTANTIATE_TEST_SUITE_P(Both, Torch7Modes, testing::Values("binary.t7", "ascii.t7"), [](const auto& param) {
  return std::string(param.param, std::string(param.param).find('.'));
});

TEST_P(Torch7Modes, NamesParametersByTheirPath) {
  EXPECT_EQ(weights_.at("model.modules.0.weight").shape, (std::vector<std::int64_t>{2, 3, 1, 2}));
  EXPECT_EQ(weights_.floats("model.modules.0.weight")[5], 1.25F);
  EXPECT_THAT(weights_.floats("model.modules.0.bias"), ElementsAre(3.F, 3.25F));  // from the middle of a storage
  EXPECT_THAT(weights_.floats("transposed"), ElementsAre(0, 3, 1, 4, 2, 5));
  EXPECT_THAT(weights_.floats("list.0"), ElementsAre(1, -2));
  EXPECT_THAT(weights_.floats("list.1.again"), ElementsAre(1, -2));
  EXPECT_THAT(weights_.floats("sparse.5"), ElementsAre(5));
  EXPECT_THAT(weights_.floats("sparse.2"), ElementsAre(2));
  EXPECT_FALSE(weights_.tensors.contains("model.modules.0.gradInput")) << "it is empty";
}

TEST_P(Torch7Modes, KnowsEveryType) {
  EXPECT_THAT(weights_.floats("half"), ElementsAre(0.5F, -1.5F));
  EXPECT_EQ(weights_.at("transposed").dtype, DType::kF64);
  EXPECT_THAT(numbers<std::int64_t>(weights_, "long"), ElementsAre(-1, std::int64_t{1} << 40));
  EXPECT_THAT(numbers<std::int32_t>(weights_, "int"), ElementsAre(-7));
  EXPECT_THAT(numbers<std::int16_t>(weights_, "short"), ElementsAre(-300, 300));
  EXPECT_THAT(numbers<std::int8_t>(weights_, "char"), ElementsAre(-1, 1));
  EXPECT_THAT(numbers<std::uint8_t>(weights_, "byte"), ElementsAre(10, 200));
}

TEST_P(Torch7Modes, TellsTheLayersInOrder) {
  const auto list = json::parse(weights_.metadata.at("torch7"));
  std::vector<std::string> layers;
  for (const auto& entry : list)
    layers.push_back(entry.at("path").get<std::string>() + " " + entry.at("class").get<std::string>());
  EXPECT_THAT(layers, ElementsAre(" table", "opt table", "model nn.Sequential", "model.modules.0 nn.SpatialConvolution",
                                  "model.modules.1 nn.ReLU", "model.modules.2 nn.Sequential",
                                  "model.modules.2.modules.0 nn.Identity"));
  EXPECT_EQ(list[0]["fields"], (json{{"epoch", 20}, {"loss", 0.25}}));
  EXPECT_EQ(list[1]["fields"], (json{{"preprocessing", "vgg"}}));  // neither the binary text nor the key true
  EXPECT_EQ(list[3]["fields"], (json{{"kW", 2}, {"kH", 1}, {"padW", 0.5}, {"nInputPlane", 3}}));
  EXPECT_EQ(list[4]["fields"], (json{{"inplace", true}, {"threshold", 0}}));
}

TEST_P(Torch7Modes, EveryTruncationIsRefused) {
  const auto whole = test::read_text(fixture(GetParam()));
  // Behind the last tensor only an unused text follows: its loss is noticed too, but for the final newline.
  for (std::size_t length = 8; length + 1 < whole.size(); ++length)
    EXPECT_NE(fault_of(whole.substr(0, length)), "") << length;
}

TEST(Torch7File, BothModesHoldTheSame) {
  auto binary = read_weights(fixture("binary.t7")), ascii = read_weights(fixture("ascii.t7"));
  EXPECT_EQ(binary.metadata, ascii.metadata);
  binary.tensors.erase("half");  // decimals of half precision become float
  ascii.tensors.erase("half");
  EXPECT_EQ(content_sha256(binary), content_sha256(ascii));
}

TEST(Torch7File, AModuleMayStandAlone) {
  const auto weights = read_weights(fixture("model.t7"));
  EXPECT_EQ(weights.floats("modules.0.bias")[0], 3);
  EXPECT_EQ(json::parse(weights.metadata.at("torch7"))[0]["class"], "nn.Sequential");
}

TEST(Torch7File, OutlivesTheReader) {
  const test::TemporaryFolder folder;
  write_safetensors(folder / "copy.safetensors", read_weights(fixture("ascii.t7")));
  EXPECT_EQ(read_safetensors(folder / "copy.safetensors").floats("transposed")[1], 3);
}

TEST(Torch7File, RefusesByName) {
  EXPECT_THAT(message_of([] { read_weights(fixture("own_bytes.t7")); }), HasSubstr("tds.Hash"));
  EXPECT_THAT(message_of([] { read_weights(fixture("outside.t7")); }), HasSubstr("\"a\" lies outside its storage"));
  EXPECT_THAT(message_of([] { read_weights(fixture("cyclic.t7")); }), HasSubstr("nests its containers too deeply"));
}

const std::string kRoot = raw(3) + raw(1);  // a table, number 1

TEST(Torch7File, RefusesStructuresMadeToHarm) {
  EXPECT_THAT(fault_of(kRoot + raw(-1)), HasSubstr("a length is negative"));
  EXPECT_THAT(fault_of(kRoot + raw(1) + raw(9)), HasSubstr("unknown type 9"));
  EXPECT_THAT(fault_of(kRoot + raw(1 << 30)), HasSubstr("ends too early"));
  EXPECT_THAT(fault_of(kRoot + raw(1) + raw(2) + raw(1 << 30)), HasSubstr("ends too early"));
  std::string deep;
  for (int i = 0; i < 300; ++i) deep += raw(3) + raw(i + 1) + raw(1) + raw(0);
  EXPECT_THAT(fault_of(deep), HasSubstr("200 deep"));
  const auto object = raw(4) + raw(1) + raw(3) + "V 1";
  EXPECT_THAT(fault_of(object + raw(201) + std::string(201, 'x')), HasSubstr("more than 200 characters"));
  EXPECT_THAT(fault_of(object + raw(2) + "nn" + raw(1) + raw(0.5)), HasSubstr("class nn has no table of fields"));
  EXPECT_THAT(fault_of(object + raw(2) + "nn" + raw(3) + raw(1)), HasSubstr("class nn has no table of fields"));
}

/// A tensor of one dimension over a storage of two floats.
std::string vector(std::int32_t dimensions, std::int64_t size, std::int64_t stride, std::int64_t offset,
                   std::int64_t stored = 2, const std::string& storage = "torch.FloatStorage") {
  const auto name = [](const std::string& text) { return raw(static_cast<std::int32_t>(text.size())) + text; };
  return raw(4) + raw(1) + name("V 1") + name("torch.FloatTensor") + raw(dimensions) + raw(size) + raw(stride) +
         raw(offset) + raw(4) + raw(2) + name("V 1") + name(storage) + raw(stored) + raw(1.F) + raw(2.F);
}

TEST(Torch7File, ChecksEveryTensorAgainstItsStorage) {
  EXPECT_THAT(parse(vector(1, 2, 1, 1)).floats("tensor"), ElementsAre(1, 2));
  EXPECT_THAT(parse(vector(1, 1, 1, 2)).floats("tensor"), ElementsAre(2));
  for (const auto& wrong :
       {vector(1, 3, 1, 1), vector(1, 2, 1, 2), vector(1, 2, -1, 2), vector(1, 2, INT64_MAX, 1), vector(1, -2, 1, 1),
        vector(1, 2, 1, 0), vector(1, 2, 1, INT64_MIN), vector(17, 2, 1, 1), vector(-1, 2, 1, 1),
        vector(1, 2, 1, 1, -1), vector(1, 2, 1, 1, INT64_MAX), vector(1, 2, 1, 1, 3),
        vector(1, 1, 1, 1, 1, "torch.DoubleStorage"), vector(1, 2, 0, 1).replace(45, 1, "\x80")})
    EXPECT_NE(fault_of(wrong), "");
  EXPECT_THAT(fault_of(vector(1, 2, 0, 1, 1)), HasSubstr("repeats its elements"));
}

TEST(Torch7File, IsRecognisedByItsStart) {
  EXPECT_TRUE(looks_like_torch7(test::as_bytes(kRoot)));
  EXPECT_TRUE(looks_like_torch7(test::as_bytes("4\n1\n3\nV 1\n")));
  EXPECT_FALSE(looks_like_torch7(test::as_bytes("3\n2\n")));
  EXPECT_FALSE(looks_like_torch7(test::as_bytes("")));
}

}  // namespace
}  // namespace atelier
