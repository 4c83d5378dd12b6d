#include <gtest/gtest.h>

#include "methods/model_iteration/adversarial/animegan/network.h"
#include "support/generator_checks.h"

namespace atelier::methods::animegan {
namespace {

TEST(AnimeganGenerator, HasThePapersSize) { test::expect_parameters(generator, 3.96e6); }
TEST(AnimeganGenerator, KeepsTheSizeAndTheRange) { test::expect_size_and_range_kept(generator); }
TEST(AnimeganGenerator, IsTheSameForTheSameSeedAlone) { test::expect_seed_decides(generator); }

}  // namespace
}  // namespace atelier::methods::animegan
