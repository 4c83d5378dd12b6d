#include "dataset/skipped_files.h"

#include <gtest/gtest.h>

namespace atelier {
namespace {

TEST(SkippedFiles, AreCountedInGrammarAndTheFirstIsNamed) {
  SkippedFiles skipped;
  EXPECT_EQ(note_of(skipped), "");
  skipped.add("photos/a.jpg");
  EXPECT_EQ(note_of(skipped), "1 broken picture was skipped: photos/a.jpg");
  skipped.add("photos/b.jpg");
  EXPECT_EQ(note_of(skipped), "2 broken pictures were skipped, first photos/a.jpg");
}

TEST(SkippedFiles, AddUp) {
  const SkippedFiles none, one{1, "one.png"}, two{2, "two.png"};
  EXPECT_EQ(note_of(none + two + one), "3 broken pictures were skipped, first two.png");
  EXPECT_EQ(note_of(one + none), note_of(one));
}

}  // namespace
}  // namespace atelier
