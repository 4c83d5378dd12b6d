#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "atelier/error.h"
#include "atelier/method_list.h"
#include "atelier/stylize.h"
#include "methods/method.h"

namespace atelier {
namespace {

using testing::HasSubstr;

TEST(Registry, NamesAreUniqueAndTypeable) {
  std::set<std::string> names;
  for (const auto& method : list_methods()) {
    EXPECT_TRUE(names.insert(method.name).second) << method.name;
    EXPECT_TRUE(std::regex_match(method.name, std::regex("[a-z][a-z0-9-]*"))) << method.name;
    EXPECT_NE(method.name, "auto");
  }
  EXPECT_FALSE(names.empty());
}

TEST(Registry, EveryMethodIsExplained) {
  for (const auto& method : list_methods()) {
    EXPECT_FALSE(method.family.empty()) << method.name;
    EXPECT_FALSE(method.citation.empty()) << method.name;
    EXPECT_FALSE(method.summary.empty()) << method.name;
    for (const auto& option : method.options) EXPECT_FALSE(option.help.empty()) << method.name << " --" << option.name;
  }
}

TEST(Registry, MethodsOptionsAreDistinctFromEachOtherAndFromTheSettings) {
  std::set<std::string> settings = {"style", "mask", "output", "resume", "quiet", "json", "help"};
  for (const auto& option : request_options()) EXPECT_TRUE(settings.insert(option.name).second) << option.name;
  for (const auto& method : list_methods()) {
    auto taken = settings;
    for (const auto& option : method.options)
      EXPECT_TRUE(taken.insert(option.name).second) << method.name << " --" << option.name;
  }
}

TEST(Registry, DefaultsAreValidValues) {
  for (const auto& info : all_methods()) {
    std::map<std::string, std::string> defaults;
    for (const auto& option : info.options) defaults[option.name] = option.default_value;
    EXPECT_NO_THROW(Values(info.options, defaults)) << info.name;
    EXPECT_NE(info.make(Values(info.options, {})), nullptr) << info.name;
  }
}

TEST(Registry, SuggestsTheNearestMethod) {
  try {
    find_method("gatty");
    FAIL() << "an unknown method was found";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("there is no method \"gatty\"; did you mean \"gatys\"?"));
  }
}

TEST(Registry, JsonTellsTheSameAsTheList) {
  const auto json = nlohmann::json::parse(methods_json());
  const auto methods = list_methods();
  ASSERT_EQ(json.size(), methods.size());
  for (std::size_t i = 0; i < methods.size(); ++i) {
    EXPECT_EQ(json[i]["name"], methods[i].name);
    EXPECT_EQ(json[i]["citation"], methods[i].citation);
    ASSERT_EQ(json[i]["options"].size(), methods[i].options.size());
    for (std::size_t k = 0; k < methods[i].options.size(); ++k)
      EXPECT_EQ(json[i]["options"][k]["default"], methods[i].options[k].default_value);
  }
}

TEST(Registry, JsonOfANumberHoldsItsRange) {
  const auto json = nlohmann::json::parse(options_json({Option::integer("steps", "optimiser steps", 3, 1, 9)}));
  EXPECT_EQ(json[0], nlohmann::json::parse(R"({"name": "steps", "help": "optimiser steps", "kind": "integer",
                                               "default": "3", "lowest": 1, "highest": 9})"));
}

}  // namespace
}  // namespace atelier
