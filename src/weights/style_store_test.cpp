#include "weights/style_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "support/weight_files.h"
#include "weights/import_model.h"
#include "weights/model_store.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

using test::message_of;
using testing::ElementsAre;
using testing::HasSubstr;

/// Every test has a user's folder of its own.
class StyleStore : public testing::Test {
 protected:
  StyleStore() { ::setenv("XDG_DATA_HOME", home_.path().c_str(), 1); }
  ~StyleStore() override { ::unsetenv("XDG_DATA_HOME"); }

  static WeightSet model(const std::map<std::string, std::string>& metadata = {}) {
    WeightSetBuilder builder;
    builder.add_floats("x", {2}, std::vector<float>{1, 2});
    for (const auto& [key, value] : metadata) builder.set_metadata(key, value);
    return builder.build();
  }
  std::string file(const std::string& name, const std::map<std::string, std::string>& metadata) {
    write_safetensors(home_ / name, model(metadata));
    return (home_ / name).string();
  }
  static StyleCard card(const std::string& name) {
    StyleCard card;
    card.name = name;
    card.title = "Bäume";
    card.artist = "Jemand";
    card.year = "1901";
    card.method = "johnson";
    return card;
  }
  static std::vector<std::string> own_names() {
    std::vector<std::string> names;
    for (const auto& style : list_styles())
      if (!style.embedded()) names.push_back(style.name);
    return names;
  }

  test::TemporaryFolder home_;
};

TEST_F(StyleStore, KeepsWhatItIsGiven) {
  const auto saved = save_style(model({{"base", "b"}}), card("mine"), "\xff\xd8\xff thumbnail");
  EXPECT_EQ(saved.file, home_ / "atelier/styles/mine.safetensors");
  const auto found = find_style("mine");
  EXPECT_EQ(found.title, "Bäume");
  EXPECT_EQ(found.artist, "Jemand");
  EXPECT_EQ(found.year, "1901");
  EXPECT_EQ(found.method, "johnson");
  EXPECT_EQ(found.entry, "");
  EXPECT_FALSE(found.embedded());
  EXPECT_EQ(style_thumbnail(found), "\xff\xd8\xff thumbnail");
  const auto weights = open_model(found.model);
  EXPECT_EQ(weights.metadata.at("base"), "b");
  EXPECT_EQ(weights.floats("x"), (std::vector<float>{1, 2}));
}

TEST_F(StyleStore, ReplacesAStyleOfTheSameName) {
  save_style(model(), card("mine"), "thumbnail");
  auto second = card("mine");
  second.title = "";
  EXPECT_EQ(save_style(open_model(find_style("mine").model), second).title, "");
  EXPECT_EQ(style_thumbnail(find_style("mine")), "");
  EXPECT_THAT(own_names(), ElementsAre("mine"));
}

TEST_F(StyleStore, RefusesBadNamesAndModelsWithoutMethod) {
  for (const char* name : {"", "a/b", "../x", "Upper", ".hidden"})
    EXPECT_THAT(message_of([&] { save_style(model(), card(name)); }), HasSubstr("a style cannot be named")) << name;
  auto aimless = card("mine");
  aimless.method = "";
  EXPECT_THROW(save_style(model(), aimless), Error);
  EXPECT_THAT(own_names(), ElementsAre());
}

TEST_F(StyleStore, RemovesOnlyWhatIsTheUsersOwn) {
  save_style(model(), card("mine"));
  remove_style("mine");
  EXPECT_THAT(own_names(), ElementsAre());
  EXPECT_THAT(message_of([] { remove_style("mine"); }), HasSubstr("there is no style \"mine\""));
  import_model(file("net.safetensors", {{"kind", "style"}, {"method", "johnson"}}));
  EXPECT_THAT(message_of([] { remove_style("net"); }),
              HasSubstr("belongs to a model of yours; `atelier models remove net`"));
  for (const auto& style : list_styles())
    EXPECT_TRUE(!style.embedded() || !message_of([&] { remove_style(style.name); }).empty()) << style.name;
}

TEST_F(StyleStore, EmbeddedStylesKeepTheirNames) {
  for (const auto& style : list_styles())
    EXPECT_THAT(message_of([&] { check_style_name(style.name); }), HasSubstr("embedded")) << style.name;
}

TEST_F(StyleStore, EmbeddedStylesNeedNoHome) {
  const std::string home = std::getenv("HOME") != nullptr ? std::getenv("HOME") : "";
  ::unsetenv("XDG_DATA_HOME");
  ::unsetenv("HOME");
  EXPECT_THAT(own_names(), ElementsAre());
  EXPECT_THAT(message_of([&] { save_style(model(), card("mine")); }), HasSubstr("set HOME or XDG_DATA_HOME"));
  ::setenv("HOME", home.c_str(), 1);
}

TEST_F(StyleStore, SaysBeforeTheWorkThatNothingCanBeSaved) {
  EXPECT_NO_THROW(check_style_can_be_saved("mine"));
  test::write_text(home_ / "file", "");
  ::setenv("XDG_DATA_HOME", (home_ / "file").c_str(), 1);
  EXPECT_THAT(message_of([] { check_style_can_be_saved("mine"); }), HasSubstr("cannot create"));
}

TEST_F(StyleStore, SuggestsTheNearestName) {
  save_style(model(), card("my-own-wave"));
  EXPECT_THAT(message_of([] { find_style("my-own-wabe"); }), HasSubstr("did you mean \"my-own-wave\"?"));
  EXPECT_THAT(message_of([] { find_style("phoot.png", {"photo.png"}); }), HasSubstr("did you mean \"photo.png\"?"));
  EXPECT_THAT(message_of([] { find_style("nothing-like-any-other"); }), HasSubstr("see `atelier styles`"));
}

TEST_F(StyleStore, ListsTheStylesOfImportedModels) {
  import_model(file("one.safetensors", {{"kind", "style"}, {"method", "johnson"}, {"title", "Alone"}}));
  import_model(file("set.safetensors", {{"kind", "style"},
                                        {"method", "msg-net"},
                                        {"styles", R"(["a", "b"])"},
                                        {"cards", R"([{"name": "b", "title": "B", "year": 1888}])"}}));
  import_model(file("other.safetensors", {{"kind", "encoder"}}));
  EXPECT_THAT(own_names(), ElementsAre("one", "set/a", "set/b"));
  EXPECT_EQ(find_style("one").title, "Alone");
  EXPECT_EQ(find_style("set/b").title, "B");
  EXPECT_EQ(find_style("set/b").year, "1888");
  EXPECT_EQ(find_style("set/b").entry, "b");
  EXPECT_EQ(find_style("set/a").title, "");
  EXPECT_EQ(find_style("set/a").method, "msg-net");
  EXPECT_THAT(message_of([] { find_style("set"); }), HasSubstr("holds several styles; choose one of set/a, set/b"));
}

TEST_F(StyleStore, NamesAreGivenOnce) {
  save_style(model(), card("mine"));
  const auto net = file("net.safetensors", {{"kind", "style"}, {"method", "johnson"}});
  const auto refused = [&](const std::string& name) { return message_of([&] { import_model(net, {.name = name}); }); };
  const auto embedded = list_styles().front();
  ASSERT_TRUE(embedded.embedded());
  EXPECT_THAT(refused(embedded.name), HasSubstr("belongs to an embedded style; choose another with --name"));
  EXPECT_THAT(refused("mine"), HasSubstr("belongs to another style of yours; choose another with --name"));
  import_model(net);
  import_model(net);  // itself again
  EXPECT_THAT(message_of([] { save_style(model(), card("net")); }), HasSubstr("belongs to another style of yours"));
  import_model(file("encoder.safetensors", {{"kind", "encoder"}}), {.name = "mine"});  // no style: in nobody's way
  EXPECT_THAT(own_names(), ElementsAre("mine", "net"));
}

TEST_F(StyleStore, AnEmbeddedStyleIsFoundByItsModelToo) {
  for (const auto& style : list_styles()) {
    if (style.entry.empty()) continue;
    EXPECT_EQ(find_style(style.model + "/" + style.entry).name, style.name);
  }
}

TEST_F(StyleStore, SaysWhatAModelOfThatNameIsInstead) {
  EXPECT_THAT(message_of([] { find_style("compact"); }),
              HasSubstr("\"compact\" is of kind \"encoder\" and holds no style"));
  const auto kept = import_model(file("net.safetensors", {{"kind", "style"}, {"method", "johnson"}})).file;
  std::filesystem::resize_file(kept, 20);
  EXPECT_THAT(message_of([] { find_style("net"); }), HasSubstr("the model \"net\" is damaged; import it again"));
}

TEST_F(StyleStore, TakesWhatACallerRecognises) {
  const auto foreign = file("Wave \xc3\xb6.safetensors", {});
  const auto recognise = [](const WeightSet& weights) -> std::optional<WeightSet> {
    auto known = weights;
    known.metadata = {{"kind", "style"}, {"method", "johnson"}};
    return known;
  };
  EXPECT_EQ(styles_in(foreign, recognise).at(0).method, "johnson");
  EXPECT_THAT(message_of([&] { styles_in(foreign); }), HasSubstr("Wave \xc3\xb6.safetensors"));
}

TEST_F(StyleStore, ADamagedFileHidesNoGoodOne) {
  save_style(model(), card("good"));
  test::write_text(home_ / "atelier/styles/bad.safetensors", "not this");
  EXPECT_THAT(own_names(), ElementsAre("bad", "good"));
  EXPECT_TRUE(find_style("bad").damaged);
  remove_style("bad");
  EXPECT_THAT(own_names(), ElementsAre("good"));
  const auto loop = home_ / "atelier/styles/loop.safetensors";
  std::filesystem::create_symlink(loop, loop);
  EXPECT_THAT(own_names(), ElementsAre("good", "loop"));
}

TEST_F(StyleStore, RefusesModelsThatHoldNoStyle) {
  EXPECT_THAT(message_of([] { styles_in("compact"); }), HasSubstr("is of kind \"encoder\""));
  EXPECT_THAT(message_of([&] { styles_in(file("a.safetensors", {})); }),
              HasSubstr("no style's model that Atelier knows"));
  EXPECT_THAT(message_of([&] { styles_in(file("b.safetensors", {{"kind", "style"}})); }), HasSubstr("its method"));
  for (const char* list : {"7", "{", "{}"})
    EXPECT_THAT(message_of([&] {
                  styles_in(file("c.safetensors", {{"kind", "style"}, {"method", "johnson"}, {"styles", list}}));
                }),
                HasSubstr("is damaged"));
}

TEST_F(StyleStore, CardsCannotControlTheTerminal) {
  const auto cards = styles_in(
      file("a.safetensors", {{"kind", "style"}, {"method", "johnson"}, {"title", "x\x1b[2J"}, {"cards", "[7]"}}));
  ASSERT_EQ(cards.size(), 1u);
  EXPECT_EQ(cards[0].title, "x?[2J");
}

}  // namespace
}  // namespace atelier
