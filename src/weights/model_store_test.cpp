#include "weights/model_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/sha256.h"
#include "support/weight_files.h"
#include "weights/embedded.h"
#include "weights/import_model.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

using test::message_of;
using testing::HasSubstr;

const std::filesystem::path kFixtures = std::filesystem::path(ATELIER_FIXTURES) / "weights";

/// Every test has a user's folder of its own.
class ModelStore : public testing::Test {
 protected:
  ModelStore() { ::setenv("XDG_DATA_HOME", home_.path().c_str(), 1); }
  ~ModelStore() override { ::unsetenv("XDG_DATA_HOME"); }

  std::filesystem::path write(const std::string& name, const std::vector<float>& values) {
    WeightSetBuilder builder;
    builder.add_floats("x", {static_cast<std::int64_t>(values.size())}, values);
    builder.set_metadata("kind", "style").set_metadata("licence", "CC0\nsecond line");
    write_safetensors(home_ / name, builder.build());
    return home_ / name;
  }

  std::vector<ModelCheck> own_checks() {
    auto checks = verify_models();
    std::erase_if(checks, [](const ModelCheck& check) { return check.model.embedded(); });
    return checks;
  }

  test::TemporaryFolder home_;
};

TEST_F(ModelStore, ImportsFoldersAndWhatACallerRecognises) {
  std::filesystem::create_directories(home_ / "Harbour Wave");
  test::write_text(home_ / "Harbour Wave/manifest.json", R"({"Variable": {"filename": "v", "shape": [1]}})");
  test::write_text(home_ / "Harbour Wave/v", test::raw(2.F));
  const auto recognise = [](const WeightSet& weights) -> std::optional<WeightSet> {
    if (!weights.tensors.contains("Variable")) return std::nullopt;
    return WeightSetBuilder().add_floats("in", {1}, weights.floats("Variable")).set_metadata("kind", "style").build();
  };
  for (const char* path : {"Harbour Wave", "Harbour Wave/"}) {
    const auto imported = import_model(home_ / path, {.recognise = recognise});
    EXPECT_EQ(imported.name, "harbour-wave");
    EXPECT_EQ(imported.kind, "style");
    EXPECT_EQ(imported.source, "Harbour Wave");
    EXPECT_EQ(open_model("harbour-wave").floats("in")[0], 2);
  }
  EXPECT_EQ(import_model(write("other.safetensors", {1}), {.recognise = recognise}).name, "other");
  EXPECT_EQ(open_model("other").floats("x")[0], 1);
}

TEST_F(ModelStore, KeepsTheUsersModelsWhereXdgSays) {
  EXPECT_EQ(model_folder(), home_ / "atelier/models");
  ::setenv("XDG_DATA_HOME", "relative/is/invalid", 1);  // by the XDG base directory specification
  ::setenv("HOME", "/home/me", 1);
  EXPECT_EQ(model_folder(), "/home/me/.local/share/atelier/models");
}

TEST_F(ModelStore, ImportsListsOpensAndVerifies) {
  const auto imported = import_model(write("Mosaic Net.safetensors", {1, 2, 3}));
  EXPECT_EQ(imported.name, "mosaic-net");
  EXPECT_EQ(imported.kind, "style");
  EXPECT_EQ(imported.licence, "CC0?second line");
  EXPECT_EQ(imported.source, "Mosaic Net.safetensors");
  EXPECT_EQ(imported.file, home_ / "atelier/models/mosaic-net.safetensors");
  EXPECT_EQ(find_model("mosaic-net").sha256, imported.sha256);
  const auto opened = open_model("mosaic-net");
  EXPECT_EQ(opened.floats("x")[2], 3);
  EXPECT_EQ(opened.metadata.at("source_sha256"), sha256_file(home_ / "Mosaic Net.safetensors"));
  const auto checks = own_checks();
  ASSERT_EQ(checks.size(), 1u);
  EXPECT_EQ(checks[0].fault, "");
  EXPECT_EQ(checks[0].values, 3u);
}

TEST_F(ModelStore, ConvertsPytorchFiles) {
  const auto imported =
      import_model(kFixtures / "legacy.pth.tar", {.name = "from-torch", .source = "https://example.org/x"});
  EXPECT_EQ(imported.kind, "weights");
  EXPECT_EQ(imported.source, "https://example.org/x");
  EXPECT_EQ(open_model("from-torch").floats("model.plain")[8], 1);
  EXPECT_EQ(import_model(kFixtures / "legacy.pth.tar").name, "legacy");
}

TEST_F(ModelStore, NamesAreMadeOfFileNames) {
  for (const auto& [given, made] :
       {std::pair("My  Wave \xc3\xb6 (1).safetensors", "my-wave-1"), std::pair("Wave \xc3\xb6.safetensors", "wave"),
        std::pair("a_b.c.safetensors", "a_b.c"), std::pair("(1) sea.safetensors", "1-sea")})
    EXPECT_EQ(import_model(write(given, {1})).name, made);
}

TEST_F(ModelStore, ImportsAVggAsAnEncoder) {
  WeightSetBuilder builder;
  builder.add("features.0.weight", DType::kF32, {64, 3, 3, 3}, std::vector<std::byte>(6912));
  builder.add("features.0.bias", DType::kF32, {64}, std::vector<std::byte>(256));
  builder.add("classifier.6.bias", DType::kF32, {1000}, std::vector<std::byte>(4000));
  write_safetensors(home_ / "download.safetensors", builder.build());
  const auto imported = import_model(home_ / "download.safetensors");
  EXPECT_EQ(imported.name, "download");  // only a whole one is called vgg19
  EXPECT_EQ(imported.kind, "encoder");
  EXPECT_EQ(imported.architecture, "vgg19");
  EXPECT_EQ(open_model("download").tensors.size(), 2u);
  EXPECT_EQ(open_model((home_ / "download.safetensors").string()).tensors.count("conv1_1.weight"), 1u);
}

TEST_F(ModelStore, FindsDamageAndListsItWithoutHidingTheRest) {
  import_model(write("a.safetensors", {1, 2, 3}));
  const auto damaged_file = import_model(write("b.safetensors", {1, 2, 3})).file;
  auto bytes = test::read_text(damaged_file);
  bytes.back() ^= 1;
  test::write_text(damaged_file, bytes);
  test::write_text(model_folder() / "c.safetensors", "rubbish");
  test::write_text(model_folder() / ".atelier-unfinished.safetensors", "rubbish");
  const auto checks = own_checks();
  ASSERT_EQ(checks.size(), 3u);
  EXPECT_TRUE(checks[0].sound());
  EXPECT_THAT(checks[1].fault, HasSubstr("b.safetensors: its content does not match its sha256"));
  EXPECT_EQ(checks[2].model.kind, "damaged");
  EXPECT_THAT(checks[2].fault, HasSubstr("c.safetensors"));
}

TEST_F(ModelStore, RefusesValuesThatAreNotFinite) {
  EXPECT_THAT(message_of([&] { import_model(write("nan.safetensors", {1, NAN})); }), HasSubstr("not finite"));
  EXPECT_TRUE(own_checks().empty());
  std::filesystem::create_directories(model_folder());
  std::filesystem::copy(home_ / "nan.safetensors", model_folder() / "nan.safetensors");
  EXPECT_THAT(own_checks().at(0).fault, HasSubstr("not finite"));
}

TEST_F(ModelStore, RefusesBadNames) {
  const auto file = write("good.safetensors", {1});
  for (const std::string name : {"../escape", "a/b", ".hidden", "-option", "UPPER", "caf\xc3\xa9", "a\nb"})
    EXPECT_THAT(message_of([&] { import_model(file, {.name = name}); }), HasSubstr("cannot be named")) << name;
  EXPECT_THAT(message_of([&] { import_model(file, {.name = std::string(65, 'a')}); }), HasSubstr("cannot be named"));
}

TEST_F(ModelStore, RefusesWhatHoldsNoTensors) {
  write_safetensors(home_ / "none.safetensors", {});
  EXPECT_THAT(message_of([&] { import_model(home_ / "none.safetensors"); }), HasSubstr("holds no tensors"));
}

TEST_F(ModelStore, SaysWhatToDoAboutAnUnknownModel) {
  import_model(write("mosaic.safetensors", {1}));
  EXPECT_THAT(message_of([] { open_model("mosiac"); }), HasSubstr("did you mean \"mosaic\"?"));
  EXPECT_THAT(message_of([] { open_model("/nowhere/at/all/model.pth"); }), HasSubstr("there is no model"));
}

TEST_F(ModelStore, SaysHowToGetAPublicModel) {
  EXPECT_THAT(message_of([] { open_model("vgg19"); }), HasSubstr("`atelier models fetch vgg19` downloads it"));
}

TEST_F(ModelStore, ReplacesAnotherModelOfThatNameOnlyWhenTold) {
  import_model(write("a.safetensors", {1}));
  const auto old = open_model("a");
  write("a.safetensors", {2});
  EXPECT_THAT(message_of([&] { import_model(home_ / "a.safetensors"); }),
              HasSubstr("another model called \"a\"; choose a name with --name, or add --force"));
  EXPECT_EQ(open_model("a").floats("x")[0], 1);
  import_model(home_ / "a.safetensors", {.replace = true});
  EXPECT_EQ(open_model("a").floats("x")[0], 2);
  EXPECT_EQ(old.floats("x")[0], 1);  // the map of the replaced file stays whole
}

TEST_F(ModelStore, ImportsTheSameModelAgainAndMendsADamagedOne) {
  const auto file = import_model(write("a.safetensors", {1})).file;
  import_model(home_ / "a.safetensors");
  test::write_text(file, "rubbish");
  import_model(home_ / "a.safetensors");
  EXPECT_EQ(open_model("a").floats("x")[0], 1);
}

TEST_F(ModelStore, RemovesTheUsersOwnModelsOnly) {
  const auto file = import_model(write("a.safetensors", {1})).file;
  remove_model("a");
  EXPECT_FALSE(std::filesystem::exists(file));
  EXPECT_THAT(message_of([] { remove_model("a"); }), HasSubstr("there is no model \"a\""));
  EXPECT_THAT(message_of([] { remove_model("compact"); }), HasSubstr("is part of the program and stays"));
  EXPECT_THAT(message_of([] { remove_model("vgg19"); }), HasSubstr("there is no model \"vgg19\""));
}

TEST_F(ModelStore, ALinkToItselfHidesNoGoodModel) {
  import_model(write("a.safetensors", {1}));
  std::filesystem::create_symlink(model_folder() / "loop.safetensors", model_folder() / "loop.safetensors");
  const auto checks = own_checks();
  ASSERT_EQ(checks.size(), 2u);
  EXPECT_TRUE(checks[0].sound());
  EXPECT_FALSE(checks[1].sound());
}

TEST_F(ModelStore, SaysWhenTheFolderCannotBeMade) {
  test::write_text(home_ / "file", "");
  ::setenv("XDG_DATA_HOME", (home_ / "file").c_str(), 1);
  EXPECT_THAT(message_of([&] { import_model(kFixtures / "module.pth"); }), HasSubstr("cannot create"));
}

TEST(EmbeddedModels, AllAreSoundAndDescribed) {
  const auto text = embedded_file("manifest.json");
  const auto* start = reinterpret_cast<const char*>(text.data());
  const auto rows = nlohmann::json::parse(start, start + text.size()).at("models");
  for (const auto& row : rows)
    for (const auto* key : {"name", "kind", "file", "sha256", "licence", "training_data", "command", "figures"})
      EXPECT_TRUE(row.contains(key)) << row << key;
  for (const auto& check : verify_models()) EXPECT_TRUE(check.sound() || !check.model.embedded()) << check.fault;
  for (const auto& name : embedded_files())
    EXPECT_TRUE(name == "manifest.json" || rows.dump().find('"' + name + '"') != std::string::npos)
        << "models/" << name << " is missing in the manifest";
}

TEST(EmbeddedModels, StayWithin30Megabytes) {
  std::size_t total = 0;
  for (const auto& name : embedded_files()) total += embedded_file(name).size();
  EXPECT_LE(total, 30u * 1000 * 1000);
}

TEST(EmbeddedModels, NamesTheFileThatIsMissing) {
  EXPECT_THAT(message_of([] { embedded_file("none.safetensors"); }), HasSubstr("\"none.safetensors\""));
}

}  // namespace
}  // namespace atelier
