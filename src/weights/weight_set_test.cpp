#include "weights/weight_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#if defined(__x86_64__)
#include <pmmintrin.h>
#endif

#include <cmath>
#include <limits>
#include <optional>

#include "support/weight_files.h"

namespace atelier {
namespace {

using test::message_of;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::byte> bits16(std::initializer_list<std::uint16_t> values) {
  std::vector<std::byte> bytes;
  for (const auto value : values) {
    bytes.push_back(std::byte(value & 255));
    bytes.push_back(std::byte(value >> 8));
  }
  return bytes;
}

TEST(WeightSet, ConvertsHalvesByHand) {  // 1, -2, the smallest subnormal, the largest, 1/3 rounded
  const auto set = WeightSetBuilder().add("x", DType::kF16, {5}, bits16({0x3c00, 0xc000, 1, 0x7bff, 0x3555})).build();
  EXPECT_THAT(set.floats("x"), ElementsAre(1.f, -2.f, std::ldexp(1.f, -24), 65504.f, 0.333251953125f));
}

#if defined(__x86_64__)
TEST(WeightSet, SubnormalHalvesArriveWhereSubnormalFloatsCountAsZero) {
  const auto flags = _mm_getcsr();
  _mm_setcsr(flags | _MM_FLUSH_ZERO_ON | _MM_DENORMALS_ZERO_ON);
  const auto set = WeightSetBuilder().add("x", DType::kF16, {3}, bits16({0x8001, 0x0200, 0x03ff})).build();
  const auto floats = set.floats("x");
  _mm_setcsr(flags);
  EXPECT_THAT(floats, ElementsAre(std::ldexp(-1.f, -24), std::ldexp(1.f, -15), std::ldexp(1023.f, -24)));
}
#endif

TEST(WeightSet, ConvertsHalfInfinityAndNan) {
  const auto set = WeightSetBuilder().add("x", DType::kF16, {3}, bits16({0x7c00, 0xfc00, 0x7e00})).build();
  EXPECT_EQ(set.floats("x")[0], INFINITY);
  EXPECT_EQ(set.floats("x")[1], -INFINITY);
  EXPECT_TRUE(std::isnan(set.floats("x")[2]));
}

TEST(WeightSet, ConvertsBfloatsByHand) {
  const auto set = WeightSetBuilder().add("x", DType::kBF16, {3}, bits16({0x3f80, 0xc040, 0x4049})).build();
  EXPECT_THAT(set.floats("x"), ElementsAre(1.f, -3.f, 3.140625f));
}

TEST(WeightSet, EveryFiniteHalfSurvivesTheRoundTrip) {
  std::vector<std::byte> halves;
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    if ((bits & 0x7c00) == 0x7c00) continue;
    const auto half = bits16({static_cast<std::uint16_t>(bits)});
    halves.insert(halves.end(), half.begin(), half.end());
  }
  const std::vector<std::int64_t> shape = {std::ssize(halves) / 2};
  const auto values = WeightSetBuilder().add("x", DType::kF16, shape, halves).build().floats("x");
  const auto back = WeightSetBuilder().add_floats("x", shape, values, DType::kF16).build();
  const auto wrong = std::ranges::mismatch(back.at("x").bytes, halves).in2;
  EXPECT_EQ(wrong, halves.end()) << "the half at " << (wrong - halves.begin()) / 2;
}

TEST(WeightSet, FindsWhatIsNotFiniteAsAFloat) {
  const auto with = [](DType type, std::initializer_list<double> values) {
    WeightSetBuilder builder;
    builder.add("indices", DType::kI16, {1}, bits16({0x7c00}));  // no number to judge
    if (type == DType::kF64) {
      const auto bytes = std::as_bytes(std::span(values.begin(), values.size()));
      return builder.add("x", type, {std::ssize(values)}, {bytes.begin(), bytes.end()}).build();
    }
    const std::vector<float> floats(values.begin(), values.end());
    return builder.add_floats("x", {std::ssize(floats)}, floats, type).build();
  };
  for (const auto type : {DType::kF16, DType::kBF16, DType::kF32, DType::kF64}) {
    EXPECT_EQ(not_finite(with(type, {0, -1e-30, 65504, -65504})), std::nullopt) << name_of(type);
    for (const float bad : {INFINITY, -INFINITY, NAN})
      EXPECT_EQ(not_finite(with(type, {1, 2, bad})), "x") << name_of(type) << " " << bad;
  }
  EXPECT_EQ(not_finite(with(DType::kF64, {1e300})), "x") << "infinite as a float";
}

TEST(WeightSet, RoundsToTheNearestTiesToEven) {
  const float values[] = {1.f + 1.f / 2048, 1.f + 3.f / 2048, 65519.f, 65520.f, std::ldexp(1.f, -25), 0.f, -0.f};
  const auto set = WeightSetBuilder().add_floats("x", {7}, values, DType::kF16).build();
  EXPECT_THAT(set.floats("x"), ElementsAre(1.f, 1.f + 4.f / 2048, 65504.f, INFINITY, 0.f, 0.f, 0.f));
  EXPECT_TRUE(std::signbit(set.floats("x")[6]));
  const float ties[] = {1.f + 1.f / 256, 1.f + 3.f / 256};
  EXPECT_THAT(WeightSetBuilder().add_floats("x", {2}, ties, DType::kBF16).build().floats("x"),
              ElementsAre(1.f, 1.f + 4.f / 256));
}

TEST(WeightSet, KeepsItsBytesAliveThroughCopies) {
  WeightSet copy;
  {
    const float values[] = {1, 2, 3};
    copy = WeightSetBuilder().add_floats("x", {3}, values).build();
  }
  EXPECT_THAT(copy.floats("x"), ElementsAre(1, 2, 3));
}

TEST(WeightSet, RefusesWhatIsMissingOrNotFloating) {
  const auto set = WeightSetBuilder().add("count", DType::kI64, {1}, std::vector<std::byte>(8)).build();
  EXPECT_THAT(message_of([&] { set.at("conv1_1.weight"); }), HasSubstr("no tensor \"conv1_1.weight\""));
  EXPECT_THAT(message_of([&] { set.floats("count"); }), HasSubstr("holds I64"));
}

TEST(WeightSetBuilder, RefusesBytesThatDoNotFit) {
  WeightSetBuilder builder;
  EXPECT_THAT(message_of([&] {
                builder.add("x", DType::kF32, {2, 2}, std::vector<std::byte>(12));
              }),
              HasSubstr("12 bytes"));
  builder.add("x", DType::kU8, {}, std::vector<std::byte>(1));
  EXPECT_THAT(message_of([&] { builder.add("x", DType::kU8, {}, std::vector<std::byte>(1)); }), HasSubstr("twice"));
}

TEST(ElementCount, RefusesNegativeAndOverflowingShapes) {
  const std::int64_t fine[] = {3, 4}, negative[] = {3, -1}, huge[] = {INT64_MAX, 2};
  EXPECT_EQ(element_count(fine), 12u);
  EXPECT_EQ(element_count({}), 1u);
  EXPECT_THROW(element_count(negative), Error);
  EXPECT_THROW(element_count(huge), Error);
}

TEST(ContentSha256, DependsOnNamesTypesShapesAndValuesOnly) {
  const float values[] = {1, 2}, others[] = {1, 3};
  const auto hash = [](std::string name, std::vector<std::int64_t> shape, std::span<const float> data,
                       std::string note) {
    return content_sha256(WeightSetBuilder().add_floats(name, shape, data).set_metadata("note", note).build());
  };
  const auto reference = hash("x", {2}, values, "a");
  EXPECT_EQ(hash("x", {2}, values, "b"), reference);
  EXPECT_NE(hash("y", {2}, values, "a"), reference);
  EXPECT_NE(hash("x", {1, 2}, values, "a"), reference);
  EXPECT_NE(hash("x", {2}, others, "a"), reference);
}

}  // namespace
}  // namespace atelier
