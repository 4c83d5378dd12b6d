#include "weights/tfjs_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/weight_files.h"
#include "weights/model_file.h"

namespace atelier {
namespace {

using nlohmann::json;
using test::message_of;
using test::raw;
using test::TemporaryFolder;
using test::write_text;
using testing::ElementsAre;
using testing::HasSubstr;

std::string floats(const std::vector<float>& values) {
  std::string bytes;
  for (const float value : values) bytes += raw(value);
  return bytes;
}

/// A deeplearn.js checkpoint of two variables.
void write_checkpoint(const TemporaryFolder& folder, const json& manifest) {
  write_text(folder / "manifest.json", manifest.dump());
  write_text(folder / "Variable", floats({1, 2, 3, 4, 5, 6}));
  write_text(folder / "Variable_1", floats({-1}));
}

json checkpoint_manifest() {
  return {{"Variable", {{"filename", "Variable"}, {"shape", {1, 2, 3}}}},
          {"Variable_1", {{"filename", "Variable_1"}, {"shape", {1}}}}};
}

TEST(TfjsFolder, ReadsDeeplearnCheckpoints) {
  const TemporaryFolder folder;
  write_checkpoint(folder, checkpoint_manifest());
  for (const auto& path : {folder.path(), folder / "manifest.json"}) {
    const auto weights = read_weights(path);
    EXPECT_EQ(weights.tensors.size(), 2u);
    EXPECT_EQ(weights.at("Variable").shape, (std::vector<std::int64_t>{1, 2, 3}));
    EXPECT_EQ(weights.floats("Variable")[5], 6);
    EXPECT_THAT(weights.floats("Variable_1"), ElementsAre(-1));
  }
}

json entry(const std::string& name, const json& shape, const std::string& dtype = "float32") {
  return {{"name", name}, {"shape", shape}, {"dtype", dtype}};
}

json quantised(json weight, const std::string& dtype, double scale, double min) {
  weight["quantization"] = {{"dtype", dtype}, {"scale", scale}, {"min", min}};
  return weight;
}

/// One group over two files that cut a weight in two.
json group() {
  json half = entry("half", json::array({1}));
  half["quantization"] = {{"dtype", "float16"}};
  return {
      {"paths", {"shard1", "shard2"}},
      {"weights",
       {entry("plain", {2}), quantised(entry("bytes", {3}), "uint8", 0.5, -1),
        quantised(entry("words", {2}), "uint16", 0.25, 0), quantised(entry("whole", {2}, "int32"), "uint8", 1, -2.5),
        half, entry("count", json::array(), "int32"), entry("empty", {0, 4})}}};
}

std::string group_bytes() {
  return floats({1.5F, -2}) + std::string("\x00\x02\xff", 3) + raw(std::uint16_t{4}) + raw(std::uint16_t{65535}) +
         std::string("\x00\x04", 2) + raw(std::uint16_t{0x3c00}) + raw(std::int32_t{-9});
}

void write_shards(const TemporaryFolder& folder, const std::string& bytes) {
  write_text(folder / "shard1", bytes.substr(0, 5));
  write_text(folder / "shard2", bytes.substr(5));
}

void expect_group(const WeightSet& weights) {
  EXPECT_THAT(weights.floats("plain"), ElementsAre(1.5F, -2));
  EXPECT_THAT(weights.floats("bytes"), ElementsAre(-1, 0, 126.5F));
  EXPECT_THAT(weights.floats("words"), ElementsAre(1, 16383.75F));
  EXPECT_THAT(weights.floats("half"), ElementsAre(1));
  EXPECT_EQ(weights.at("half").dtype, DType::kF16);
  std::int32_t whole[2], count = 0;
  std::memcpy(whole, weights.at("whole").bytes.data(), sizeof whole);
  std::memcpy(&count, weights.at("count").bytes.data(), sizeof count);
  EXPECT_THAT(whole, ElementsAre(-2, 2));  // Math.round: halves upwards
  EXPECT_EQ(count, -9);
  EXPECT_TRUE(weights.at("empty").bytes.empty());
}

TEST(TfjsFolder, ReadsWeightsManifestsWithQuantisation) {
  const TemporaryFolder folder;
  write_shards(folder, group_bytes());
  write_text(folder / "weights_manifest.json", json::array({group()}).dump(1));
  expect_group(read_weights(folder.path()));
  expect_group(read_weights(folder / "weights_manifest.json"));
}

TEST(TfjsFolder, ReadsTheManifestOfAModel) {
  const TemporaryFolder folder;
  write_shards(folder, group_bytes());
  write_text(folder / "model.json", json{{"modelTopology", json::object()}, {"weightsManifest", {group()}}}.dump());
  expect_group(read_weights(folder.path()));
}

TEST(TfjsFolder, FindsAManifestWithAPrefix) {
  const TemporaryFolder folder;
  write_shards(folder, group_bytes());
  write_text(folder / "net-weights_manifest.json", json::array({group()}).dump());
  expect_group(read_weights(folder.path()));
  write_text(folder / "other-weights_manifest.json", "[]");
  EXPECT_THAT(message_of([&] { read_weights(folder.path()); }), HasSubstr("several manifests"));
}

std::string checkpoint_fault(const std::function<void(json&)>& spoil) {
  const TemporaryFolder folder;
  auto manifest = checkpoint_manifest();
  spoil(manifest);
  write_checkpoint(folder, manifest);
  return message_of([&] { read_weights(folder.path()); });
}

TEST(TfjsFolder, RefusesWrongCheckpointsByName) {
  const auto fault = [](const char* key, const json& value) {
    return checkpoint_fault([&](json& manifest) { manifest["Variable"][key] = value; });
  };
  EXPECT_THAT(fault("shape", {1, 2, 4}), HasSubstr("the file of \"Variable\" is not as long as its shape says"));
  EXPECT_THAT(fault("shape", {-1, 2, 3}), HasSubstr("a shape is malformed"));
  EXPECT_THAT(fault("shape", {1.5}), HasSubstr("a shape is malformed"));
  EXPECT_THAT(fault("shape", {1e14, 1e14}), HasSubstr("; "));
  EXPECT_THAT(fault("shape", "6"), HasSubstr("\"shape\" is of the wrong type"));
  EXPECT_THAT(fault("filename", "missing"), HasSubstr("missing"));
  EXPECT_THAT(fault("filename", "../Variable"), HasSubstr("outside its folder"));
  EXPECT_THAT(fault("filename", "/etc/hostname"), HasSubstr("outside its folder"));
  EXPECT_THAT(fault("filename", ""), HasSubstr("outside its folder"));
  EXPECT_THAT(checkpoint_fault([](json& m) { m["Variable"].erase("shape"); }), HasSubstr("lacks \"shape\""));
  EXPECT_THAT(checkpoint_fault([](json& m) { m["n\n"] = m["Variable"]; }), HasSubstr("plain ASCII"));
}

std::string group_fault(const std::function<void(json&)>& spoil, const std::string& bytes = group_bytes()) {
  const TemporaryFolder folder;
  write_shards(folder, bytes);
  auto manifest = json::array({group()});
  spoil(manifest[0]);
  write_text(folder / "weights_manifest.json", manifest.dump());
  return message_of([&] { read_weights(folder.path()); });
}

TEST(TfjsFolder, RefusesWrongGroupsByName) {
  EXPECT_EQ(group_fault([](json&) {}), "");
  EXPECT_THAT(group_fault([](json& g) { g["weights"][0]["dtype"] = "string"; }), HasSubstr("the type \"string\""));
  EXPECT_THAT(group_fault([](json& g) { g["weights"][1]["quantization"]["dtype"] = "int4"; }), HasSubstr("\"int4\""));
  EXPECT_THAT(group_fault([](json& g) { g["weights"][1]["quantization"].erase("min"); }), HasSubstr("lacks \"min\""));
  EXPECT_THAT(group_fault([](json& g) { g["weights"][1]["name"] = "plain"; }), HasSubstr("\"plain\" twice"));
  EXPECT_THAT(group_fault([](json& g) { g["paths"] = {"shard1", "shard1"}; }), HasSubstr("\"shard1\" twice"));
  EXPECT_THAT(group_fault([](json& g) { g["paths"] = 3; }), HasSubstr("\"paths\" is of the wrong type"));
  EXPECT_THAT(group_fault([](json& g) { g["weights"] = {3}; }), HasSubstr("lacks \"name\""));
  EXPECT_THAT(group_fault([](json& g) { g = 3; }), HasSubstr("lacks \"paths\""));
  EXPECT_THAT(group_fault([](json&) {}, group_bytes() + "x"), HasSubstr("more than the weights"));
  for (std::size_t length = 6; length < group_bytes().size(); ++length)
    EXPECT_NE(group_fault([](json&) {}, group_bytes().substr(0, length)), "") << length;
}

TEST(TfjsFolder, RefusesWhatIsNoModel) {
  const TemporaryFolder folder;
  EXPECT_THAT(message_of([&] { read_weights(folder.path()); }), HasSubstr("holds no manifest.json"));
  write_text(folder / "manifest.json", "{\"name\": \"my app\"}");
  EXPECT_THAT(message_of([&] { read_weights(folder.path()); }), HasSubstr("is no manifest"));
  write_text(folder / "manifest.json", "{\"name\": ");
  EXPECT_THAT(message_of([&] { read_weights(folder.path()); }), HasSubstr("not sound JSON"));
  write_text(folder / "manifest.json", std::string(100'000, '['));
  EXPECT_THAT(message_of([&] { read_weights(folder.path()); }), HasSubstr("not sound JSON"));
}

}  // namespace
}  // namespace atelier
