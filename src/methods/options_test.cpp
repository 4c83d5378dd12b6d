#include "methods/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "atelier/error.h"

namespace atelier {
namespace {

using testing::HasSubstr;

const std::vector<Option>& options() {
  static const std::vector<Option> all = {
      Option::number("style-weight", "weight of the style", 1.5, 0, 100),
      Option::integer("steps", "optimiser steps", 300, 1, 10000),
      Option::choice("pooling", "how to shrink", "max", {"max", "average"}),
      Option::flag("fast", "hurry"),
      Option::text("layers", "taps", "relu1_1"),
      Option::path("table", "a file"),
      Option::colour("ink", "of the lines", "#102030"),
  };
  return all;
}

/// What the refusal says; empty when the values are accepted.
std::string refusal(const std::map<std::string, std::string>& given) {
  try {
    Values(options(), given);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kBadRequest);
    return error.what();
  }
  return "";
}

TEST(Options, FillsInTheDefaults) {
  const Values values(options(), {});
  EXPECT_EQ(values.number("style-weight"), 1.5);
  EXPECT_EQ(values.integer("steps"), 300);
  EXPECT_EQ(values.text("pooling"), "max");
  EXPECT_FALSE(values.flag("fast"));
  EXPECT_EQ(values.text("layers"), "relu1_1");
  EXPECT_EQ(values.text("table"), "");
  EXPECT_EQ(values.text("ink"), "#102030");
  EXPECT_FALSE(values.given("steps"));
}

TEST(Options, TakesWhatIsGiven) {
  const Values values(options(), {{"style-weight", "2e1"}, {"steps", "7"}, {"fast", ""}, {"ink", "#FFaa00"}});
  EXPECT_EQ(values.number("style-weight"), 20);
  EXPECT_EQ(values.integer("steps"), 7);
  EXPECT_TRUE(values.flag("fast"));
  EXPECT_EQ(values.text("ink"), "#FFaa00");
  EXPECT_TRUE(values.given("steps"));
  EXPECT_FALSE(values.given("pooling"));
}

TEST(Options, IncludesTheEndsOfARange) {
  EXPECT_EQ(refusal({{"steps", "1"}, {"style-weight", "100"}}), "");
  EXPECT_EQ(refusal({{"steps", "10000"}, {"style-weight", "0"}}), "");
}

TEST(Options, SaysTheRangeOfANumber) {
  for (const char* text : {"-0.001", "100.5", "nan", "inf", "", "1x", " 1", "0x10", "1,5"})
    EXPECT_THAT(refusal({{"style-weight", text}}), HasSubstr("; give a number from 0 to 100")) << text;
  for (const char* text : {"0", "10001", "1.5", "1e3", "99999999999999999999", "many"})
    EXPECT_THAT(refusal({{"steps", text}}), HasSubstr("; give a whole number from 1 to 10000")) << text;
}

TEST(Options, ListsTheChoices) {
  EXPECT_EQ(refusal({{"pooling", "min"}}), "--pooling cannot be \"min\"; give max or average");
}

TEST(Options, RefusesWhatIsNoFlagOrColour) {
  EXPECT_THAT(refusal({{"fast", "maybe"}}), HasSubstr("give true or false"));
  for (const char* text : {"red", "#12345", "#1234567", "#12345g", "123456#"})
    EXPECT_THAT(refusal({{"ink", text}}), HasSubstr("give a colour")) << text;
}

TEST(Options, SuggestsTheNearestName) {
  EXPECT_THAT(refusal({{"stepps", "3"}}), HasSubstr("there is no option \"--stepps\" here; did you mean \"--steps\"?"));
  EXPECT_THAT(refusal({{"zzzzzzzz", "3"}}), HasSubstr("see `atelier methods`"));
}

TEST(Options, AskingForAnUndescribedOptionIsAFaultOfTheMethod) {
  EXPECT_THROW(Values(options(), {}).text("colour"), std::logic_error);
}

}  // namespace
}  // namespace atelier
