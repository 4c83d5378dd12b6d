// What only this method promises; what every method promises is in tests/every_method_test.cpp.
#include <gtest/gtest.h>

#include <vector>

#include "atelier/error.h"
#include "methods/method.h"

namespace atelier::methods::name {

MethodInfo describe();

namespace {

Tensor run(const Tensor& content, const std::vector<Style>& styles) {
  Inputs inputs;
  inputs.content = content;
  inputs.styles = styles;
  const auto info = describe();
  return info.make(Values(info.options, {{"steps", "2"}}))->run(inputs, [](const Progress&) { return true; });
}

Style style(const Tensor& picture) { return {.picture = picture, .weight = 1, .mask = {}}; }

/// A picture of two pixels, the same in each channel.
Tensor two_pixels(float left, float right) {
  return at::tensor({left, right}).reshape({1, 1, 1, 2}).expand({1, 3, 1, 2}).contiguous();
}

TEST(Name, MatchesAValueByHand) {  // mean 0.5, deviation 0.1 become mean 0.6, deviation 0.2
  const auto out = run(two_pixels(0.4F, 0.6F), {style(two_pixels(0.4F, 0.8F))});
  EXPECT_TRUE(out.allclose(two_pixels(0.4F, 0.8F), 1e-5, 1e-6));
}

TEST(Name, IgnoresTheOrderOfTheStylesPixels) {
  const auto photo = two_pixels(0.4F, 0.6F);
  const auto one = run(photo, {style(two_pixels(0.2F, 0.7F))});
  const auto other = run(photo, {style(two_pixels(0.7F, 0.2F))});
  EXPECT_TRUE(one.allclose(other, 1e-5, 1e-6));
}

TEST(Name, StaysFiniteForAPictureOfOneColour) {
  const auto out = run(two_pixels(0.5F, 0.5F), {style(two_pixels(0.2F, 0.7F))});
  EXPECT_TRUE(out.isfinite().all().item<bool>());
}

TEST(Name, RefusesToWorkWithoutAStyle) { EXPECT_THROW(run(two_pixels(0, 1), {}), Error); }

}  // namespace
}  // namespace atelier::methods::name
