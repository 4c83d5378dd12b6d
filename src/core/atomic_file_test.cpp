#include "core/atomic_file.h"

#include <gtest/gtest.h>

#include "atelier/error.h"

namespace atelier {
namespace {

TEST(AtomicFile, RefusesAFolder) { EXPECT_THROW(AtomicFile{testing::TempDir()}, Error); }

}  // namespace
}  // namespace atelier
