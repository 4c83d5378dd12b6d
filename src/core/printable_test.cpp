#include "core/printable.h"

#include <gtest/gtest.h>

namespace atelier {
namespace {

TEST(Printable, ShowsNothingButAscii) {
  EXPECT_EQ(printable("a\nb\x1b[1m"), "\"a?b?[1m\"");
  EXPECT_EQ(one_line("Dürer"), "D??rer");
  EXPECT_EQ(one_line("abcdef", 3), "abc...");
}

TEST(PrintableUtf8, KeepsLettersOfAnyLanguage) {
  EXPECT_EQ(one_line_utf8("Albrecht Dürer, 葛飾北斎 \xf0\x9f\x8e\xa8"), "Albrecht Dürer, 葛飾北斎 \xf0\x9f\x8e\xa8");
}

TEST(PrintableUtf8, DropsWhatControlsATerminal) {
  EXPECT_EQ(one_line_utf8("a\nb\x1b\x7f"), "a?b??");
  EXPECT_EQ(one_line_utf8("\xc2\x9b"), "?");          // U+009B, a control sequence's start
  EXPECT_EQ(one_line_utf8("x\xe2\x80\xaey"), "x?y");  // U+202E turns the direction
}

TEST(PrintableUtf8, DropsBrokenSequences) {
  EXPECT_EQ(one_line_utf8("\xc3"), "?");
  EXPECT_EQ(one_line_utf8("\xc0\xaf"), "??");            // not the shortest form
  EXPECT_EQ(one_line_utf8("\xed\xa0\x80"), "???");       // a surrogate
  EXPECT_EQ(one_line_utf8("\xf4\x90\x80\x80"), "????");  // above U+10FFFF
  EXPECT_EQ(one_line_utf8("\xe8\x91x"), "??x");
}

TEST(ValidUtf8, ReplacesOnlyWhatIsBroken) {
  EXPECT_EQ(valid_utf8("D\xfcrer\n\x1b, Dürer"), "D\xef\xbf\xbdrer\n\x1b, Dürer");
  EXPECT_EQ(valid_utf8("\xe8\x91"), "\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(valid_utf8(""), "");
}

TEST(PrintableUtf8, NeverCutsACharacter) {
  EXPECT_EQ(one_line_utf8("aü", 2), "a...");
  EXPECT_EQ(one_line_utf8("aü", 3), "aü");
}

TEST(FirstLine, IsTheFirstThatSaysSomething) {
  EXPECT_EQ(first_line("broken\n  at frame 1\n"), "broken");
  EXPECT_EQ(first_line("\n \n  jpeg: premature end\nmore"), "jpeg: premature end");
  EXPECT_EQ(first_line(" \n"), "");
}

}  // namespace
}  // namespace atelier
