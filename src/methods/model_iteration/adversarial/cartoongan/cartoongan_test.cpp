#include <gtest/gtest.h>

#include "methods/model_iteration/adversarial/cartoongan/network.h"
#include "support/generator_checks.h"

namespace atelier::methods::cartoongan {
namespace {

Network make(std::uint64_t seed, double width) { return generator(seed, width); }

TEST(CartoonganGenerator, HasThePapersSize) { test::expect_parameters(make, 11.1e6); }
TEST(CartoonganGenerator, KeepsTheSizeAndTheRange) { test::expect_size_and_range_kept(make); }
TEST(CartoonganGenerator, IsTheSameForTheSameSeedAlone) { test::expect_seed_decides(make); }

}  // namespace
}  // namespace atelier::methods::cartoongan
