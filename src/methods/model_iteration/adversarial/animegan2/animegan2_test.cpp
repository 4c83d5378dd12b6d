#include <gtest/gtest.h>

#include "methods/model_iteration/adversarial/animegan2/network.h"
#include "support/generator_checks.h"

namespace atelier::methods::animegan2 {
namespace {

TEST(Animegan2Generator, HasThePapersSize) { test::expect_parameters(generator, 2.15e6); }
TEST(Animegan2Generator, KeepsTheSizeAndTheRange) { test::expect_size_and_range_kept(generator); }
TEST(Animegan2Generator, IsTheSameForTheSameSeedAlone) { test::expect_seed_decides(generator); }

}  // namespace
}  // namespace atelier::methods::animegan2
