#include "tensor/colour_control.h"

#include <gtest/gtest.h>

#include <string>

#include "atelier/error.h"
#include "tensor/colour_spaces.h"
#include "tensor/colour_transfer.h"

namespace atelier {
namespace {

using colour::Mode;

struct Pictures {
  Tensor style, content, result;
};

Pictures pictures() {
  torch::manual_seed(5);
  return {torch::rand({1, 3, 12, 10}) * 0.5, torch::rand({1, 3, 8, 9}) * 0.5 + 0.4,
          torch::rand({1, 3, 8, 9}) * 1.2 - 0.1};
}

TEST(ColourControl, ParsesItsOwnNames) {
  for (std::size_t i = 0; i < colour::mode_names().size(); ++i)
    EXPECT_EQ(static_cast<std::size_t>(colour::parse_mode(colour::mode_names()[i])), i);
  EXPECT_EQ(colour::parse_mode("mk"), Mode::kMk);
}

TEST(ColourControl, NamesTheNearestModeWhenMisspelt) {
  try {
    colour::parse_mode("lumma");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("luma"), std::string::npos);
  }
}

TEST(ColourControl, StyleModeChangesNothing) {
  const auto [style, content, result] = pictures();
  EXPECT_TRUE(colour::prepare_style(Mode::kStyle, style, content).is_same(style));
  EXPECT_TRUE(colour::prepare_content(Mode::kStyle, content).is_same(content));
  EXPECT_TRUE(colour::finish(Mode::kStyle, result, content).equal(result.clamp(0, 1)));
}

TEST(ColourControl, EveryModeKeepsSizesAndRange) {
  const auto [style, content, result] = pictures();
  for (const auto name : colour::mode_names()) {
    const auto mode = colour::parse_mode(name);
    const auto prepared = colour::prepare_style(mode, style, content);
    EXPECT_EQ(prepared.sizes(), style.sizes()) << name;
    const auto finished = colour::finish(mode, result, content), late = colour::finish(mode, result, content, false);
    for (const auto& out : {prepared, finished, late})
      EXPECT_TRUE(out.ge(0).logical_and(out.le(1)).all().item<bool>()) << name;
  }
}

TEST(ColourControl, ContentModesGiveTheStyleTheContentsMeanColour) {
  const auto [style, content, result] = pictures();
  const auto want = colour::statistics(content).mean;
  for (const auto mode : {Mode::kContent, Mode::kHistogram, Mode::kCholesky, Mode::kPca, Mode::kMk}) {
    EXPECT_TRUE(torch::allclose(colour::statistics(colour::prepare_style(mode, style, content)).mean, want, 0, 0.02));
    const auto late = colour::finish(mode, result.clamp(0, 1), content, /*style_prepared=*/false);
    EXPECT_TRUE(torch::allclose(colour::statistics(late).mean, want, 0, 0.02));
  }
}

TEST(ColourControl, LumaModeWorksInGreyAndReturnsTheHues) {
  const auto [style, content, result] = pictures();
  const auto grey = colour::prepare_content(Mode::kLuma, content);
  EXPECT_TRUE(grey.slice(1, 0, 1).equal(grey.slice(1, 1, 2)));
  EXPECT_TRUE(torch::allclose(colour::finish(Mode::kLuma, grey, content), content, 0, 1e-5));
}

}  // namespace
}  // namespace atelier
