#include "dataset/skipped_note.h"

#include <gtest/gtest.h>

namespace atelier {
namespace {

TEST(SkippedNote, CountsInGrammar) {
  EXPECT_EQ(skipped_note(0), "");
  EXPECT_EQ(skipped_note(1), "1 broken picture was skipped");
  EXPECT_EQ(skipped_note(12), "12 broken pictures were skipped");
}

}  // namespace
}  // namespace atelier
